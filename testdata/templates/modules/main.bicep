param names array = ['a', 'b']

module each 'inner.bicep' = [for name in names: {
  name: 'each-${name}'
  params: { name: name, size: null }
}]

module last 'inner.bicep' = if (length(names) > 1) {
  name: 'last'
  params: { name: each[1].outputs.made.name, size: 9 }
}

module never 'inner.bicep' = if (empty(names)) {
  name: 'never'
  params: { name: 'never' }
}

output made string = last.outputs.made.name
output absent string? = never.?outputs.made.name
