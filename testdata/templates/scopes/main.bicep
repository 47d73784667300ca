targetScope = 'subscription'

param region string = 'westeurope'

resource group 'Microsoft.Resources/resourceGroups@2023-07-01' = {
  name: 'rg-apps'
  location: region
}

resource shared 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  scope: resourceGroup('rg-shared')
  name: 'kv'
}

module inside 'inside.bicep' = {
  scope: group
  name: 'inside'
  params: { vault: shared.id }
}

output account string = inside.outputs.id
output group string = group.id
