param names array = ['north', 'south']
param extra int = 2

var sizes = [for n in range(0, extra): (n + 1) * 8]

resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = [for (name, i) in names: {
  name: 'st${name}'
  location: 'eastus2'
  tags: { order: '${i}' }
  properties: {
    sizes: [for size in sizes: { gib: size }]
  }
}]

resource only 'Microsoft.Storage/storageAccounts@2023-01-01' = [for name in names: if (name == 'south') {
  name: 'only${name}'
  location: account[0].location
}]

output first string = account[0].id
output all array = [for (name, i) in names: account[i].name]
