param vault string

resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: 'st${toLower(resourceGroup().location)}'
  location: resourceGroup().location
  properties: { vault: vault }
}

output id string = account.id
