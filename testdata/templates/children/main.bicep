param rules bool = false

resource vnet 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: 'vnet'
  location: resourceGroup().location
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }

  resource nodes 'subnets' = {
    name: 'nodes'
    properties: { addressPrefix: cidrSubnet('10.0.0.0/16', 24, 0) }
  }

  resource pods 'subnets@2023-09-01' = if (rules) {
    name: 'pods'
    properties: { addressPrefix: cidrSubnet('10.0.0.0/16', 24, 1) }
  }
}

resource gateway 'Microsoft.Network/virtualNetworks/subnets@2023-11-01' = {
  parent: vnet
  name: 'gateway'
  properties: { addressPrefix: '10.0.2.0/24', sibling: vnet::nodes.id }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: vnet::nodes
  name: 'keep'
  properties: { level: 'CanNotDelete', prefix: vnet::nodes.properties.addressPrefix }
}
