import { tagsFor, tier } from 'shared.bicep'
import * as shared from 'shared.bicep'

param pool shared.pool = { name: 'np', count: 2 }
param maybe bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'mi'
  location: 'eastus2'
  tags: tagsFor('a')
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' = if (maybe) {
  name: 'aks'
  location: identity.location
  sku: { name: 'Base', tier: tier }
  properties: {
    owner: identity.properties.principalId
    agentPoolProfiles: [{ name: pool.name, count: pool.count, zones: pool.?zones ?? shared.zones }]
  }
}

output issuer string? = cluster.?properties.oidcIssuerProfile.issuerURL
