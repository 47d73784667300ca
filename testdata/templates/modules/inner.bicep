param name string
param size int = 3
param note string?

resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: 'st${name}'
  location: resourceGroup().location
  properties: { size: size, note: note ?? 'none' }
}

output made object = { name: account.name, id: account.id }
