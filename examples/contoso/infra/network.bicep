targetScope = 'resourceGroup'

@description('Region of the stamp.')
param location string

@description('Range of the stamp\'s network.')
param vnetPrefix string

@description('Range of the nodes within it.')
param nodePrefix string

resource nsg 'Microsoft.Network/networkSecurityGroups@2023-11-01' = {
  name: 'nsg-nodes-${location}'
  location: location
  properties: {}
}

resource vnet 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: 'vnet-shop-${location}'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [vnetPrefix] }
  }

  resource nodes 'subnets' = {
    name: 'snet-nodes'
    properties: {
      addressPrefix: nodePrefix
      networkSecurityGroup: { id: nsg.id }
    }
  }
}

output nodeSubnetId string = vnet::nodes.id
