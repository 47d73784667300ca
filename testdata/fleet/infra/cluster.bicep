param location string
param disableLocalAccounts bool
param folder string
@secure()
param certificate string

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' = {
  name: 'aks-${location}'
  location: location
  tags: {
    folder: folder
    hasCertificate: string(!empty(certificate))
  }
  properties: {
    disableLocalAccounts: disableLocalAccounts
  }
}

output clusterName string = cluster.name
