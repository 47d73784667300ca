targetScope = 'resourceGroup'

@description('Region of the stamp.')
param location string

@description('Subnet of the nodes.')
param nodeSubnetId string

@description('Whether the only way into the cluster is Entra ID.')
param disableLocalAccounts bool = true

@description('Version of Kubernetes.')
param kubernetesVersion string = '1.34'

@description('How many nodes run the workload when nothing happens.')
@minValue(2)
param userNodes int = 4

@description('Object id of the group that administers the cluster.')
param adminGroupId string

@description('Where administrators come from.')
param authorizedRanges array

var tags = {
  application: 'shop'
  region: location
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-aks-shop-${location}'
  location: location
  tags: tags
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-05-01' = {
  name: 'aks-shop-${location}'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  sku: { name: 'Base', tier: 'Standard' }
  properties: {
    dnsPrefix: 'shop-${location}'
    kubernetesVersion: kubernetesVersion
    disableLocalAccounts: disableLocalAccounts
    aadProfile: {
      managed: true
      enableAzureRBAC: true
      adminGroupObjectIDs: [adminGroupId]
    }
    apiServerAccessProfile: { authorizedIPRanges: authorizedRanges }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkPolicy: 'cilium'
      networkDataplane: 'cilium'
      outboundType: 'userDefinedRouting'
      podCidr: '172.20.0.0/16'
      serviceCidr: '172.16.0.0/16'
      dnsServiceIP: '172.16.0.10'
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: 'Standard_D4ds_v5'
        enableAutoScaling: true
        minCount: 3
        maxCount: 5
        availabilityZones: ['1', '2', '3']
        nodeTaints: ['CriticalAddonsOnly=true:NoSchedule']
        upgradeSettings: { maxSurge: '33%' }
        maxPods: 50
        vnetSubnetID: nodeSubnetId
      }
      {
        name: 'user'
        mode: 'User'
        vmSize: 'Standard_D8ds_v5'
        enableAutoScaling: true
        minCount: userNodes
        maxCount: 20
        availabilityZones: ['1', '2', '3']
        upgradeSettings: { maxSurge: '33%' }
        maxPods: 110
        vnetSubnetID: nodeSubnetId
      }
    ]
    addonProfiles: {
      azurepolicy: { enabled: true }
      omsagent: { enabled: true }
      azureKeyvaultSecretsProvider: {
        enabled: true
        config: { enableSecretRotation: 'true' }
      }
    }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' }
  }

  resource upgrades 'maintenanceConfigurations' = {
    name: 'aksManagedAutoUpgradeSchedule'
    properties: {
      maintenanceWindow: {
        durationHours: 4
        startTime: '02:00'
        schedule: { weekly: { intervalWeeks: 1, dayOfWeek: location == 'eastus2' ? 'Tuesday' : 'Thursday' } }
      }
    }
  }

  resource images 'maintenanceConfigurations' = {
    name: 'aksManagedNodeOSUpgradeSchedule'
    properties: {
      maintenanceWindow: {
        durationHours: 4
        startTime: '02:00'
        schedule: { weekly: { intervalWeeks: 1, dayOfWeek: location == 'eastus2' ? 'Wednesday' : 'Friday' } }
      }
    }
  }
}

resource flux 'Microsoft.KubernetesConfiguration/extensions@2023-05-01' = {
  name: 'flux'
  scope: cluster
  properties: { extensionType: 'microsoft.flux' }
}

resource workloads 'Microsoft.KubernetesConfiguration/fluxConfigurations@2023-05-01' = {
  name: 'workloads'
  scope: cluster
  properties: {
    sourceKind: 'GitRepository'
    namespace: 'flux-system'
    gitRepository: {
      url: 'https://github.com/shop/fleet'
      repositoryRef: { branch: 'main' }
    }
    kustomizations: {
      apps: { path: './apps/${location}', prune: true }
    }
  }
  dependsOn: [flux]
}
