// Every construct once; see the tests beside it.
/* block
   comment */
targetScope = 'resourceGroup'

metadata description = 'all of it'
metadata stamplint = {
  allow: { 'vault-public': 'reason' }
}

@description('''
  many lines
''')
@allowed([
  'a'
  'b' // with a comment
])
@sys.minLength(1)
param letter string = 'a'
param count int?
param size 'small' | 'large' = 'small'
param items string[] = []
param pairs [string, int][] = [['a', 1]]
param anything object
@secure()
param secret string
param store resource 'Microsoft.Storage/storageAccounts@2023-01-01'

@export()
@description('a point')
type point = {
  x: int
  @minValue(-1)
  y: -1 | 0 | 1
  'quoted key': null | true?
  nested: { a: string, b: bool }
  *: string
}
@discriminator('kind')
type shape = { kind: 'circle', r: int } | { kind: 'square', side: int? }
type lines =
  | 'one'
  | 'two'
  | 3
type input = resourceInput<'Microsoft.Storage/storageAccounts@2023-01-01'>.properties.sku
type output = az.resourceOutput<'Microsoft.Storage/storageAccounts@2023-01-01'>.tags.*
type first = pairs[0]
type item = lines[*]
type loose = (string | int)[]?
type sure = shape!
type tuple = [
  @description('first')
  string
  int
]

import { point as p, 'odd-name' as odd, shape } from './types.bicep'
import {
  lines
  first
} from 'br/public:types:1.0'
import * as shared from '../shared.bicep'
extension kubernetes with {
  namespace: 'default'
  kubeConfig: ''
} as k8s
extension 'br:example.azurecr.io/ext:1.0' as other
extension graph
provider 'az@1.0.0'
import 'sys@1.0.0' as system

func double(n int) int => n * 2
@export()
func both(
  a string,
  b { x: int }
) string =>
  '${a}${b.x}'
func zero() int => 0

var plain = 1
var typed string[] = ['a']
var keywords = { param: 1, var: 2, resource: 3, for: 4, if: 5, in: 6, existing: 7, type: 8, import: 9, using: 10 }
var param = keywords.param
var arithmetic = 1 + 2 * 3 - 4 / 5 % 6
var compared = 1 < 2 && 3 >= 4 || !(5 <= 6) && 7 > 8
var equal = 'a' == 'b' || 'a' != 'b' || 'a' =~ 'B' || 'a' !~ 'B'
var chosen = count ?? plain ?? 0
var negative = -plain + -(-1)
var picked = plain > 1 ? 'many' : plain == 1 ? 'one' : 'none'
var broken = plain > 1
  ? 'many'
  : 'few'
var text = 'it\'s ${letter} and ${[1, 2][0]} \${not} \u{1F600} \\ \n \r \t $5 $'
var deep = 'a${'b${'c${letter}'}'}'
var block = '''
no ${hole} here, '' two quotes, \ no escape
'''
var holes = $'''a ${letter} $ {b}'''
var dollars = $$'''a ${kept} and $${letter} and $$${letter}'''
var empty = ''
var blank = ''''''
var four = ''''a''''
var list = [
  1
  ...items
  [2, 3], 4
]
var object = {
  a: 1, b: 2
  'c-d': 3
  '${letter}-e': 4
  ...anything
  f: { }
  g: [ ]
}
var members = object.a.b['c'][0].?d[?1].e[^1][?^2]!.f!
var safe = (object.?a).b
var called = shared.double(1) + az.resourceGroup().tags.x
var args = concat(
  items,
  // why
  ['z']
)
var squares = [for i in range(0, 3): i * i]
var indexed = [
  for (item, index) in items: {
    name: item
    at: index
  }
]
var mapped = map(items, item => '${item}!')
var folded = reduce([1, 2], 0, (a, b) =>
  a + b)
var thunk = (() => 1)

assert positive = plain > 0

#disable-next-line no-unused-params BCP081 // for a reason
resource site 'Microsoft.Web/sites@2023-01-01' = if (plain > 0) {
  name: 'site'
  location: resourceGroup().location
  properties: {
    #disable-diagnostics BCP036
    enabled: true
    #restore-diagnostics BCP036
    secret: null
  }

  resource slot 'slots' = {
    name: 'slot'

    @batchSize(1)
    resource deepest 'config' existing = [for x in items: if (x != '') {
      name: x
    }]
  }
}

resource old 'Microsoft.KeyVault/vaults@2023-02-01' existing = {
  name: 'vault'
  scope: resourceGroup('other')
}

@batchSize(2)
resource many 'Microsoft.Storage/storageAccounts@2023-01-01' = [for (name, i) in items: {
  name: '${name}${i}'
  dependsOn: [
    site
    site::slot
  ]
}]
resource later 'Microsoft.Storage/storageAccounts@2023-01-01' =
  if (site::slot.name == 'x') {
    parent: old
    name: many[0].name
  }

module local './module.bicep' = {
  name: 'local'
  params: {
    secret: old.getSecret('name')
  }
}
module registry 'br/public:avm/res/storage/account:0.9.0' = [for x in items: if (x != 'a') {
  name: x
}]
module conditional 'ts/spec:1.0' = if (
  plain > 0
) {
  scope: subscription('x')
}

test check './module.bicep' = {
  params: {}
}

output id string = site.id
output store resource = many[0]
output typedStore resource 'Microsoft.Storage/storageAccounts@2023-01-01' = many[0]
output all array = [for i in range(0, 2): many[i].properties.primaryEndpoints.blob]
output maybe string? = local.outputs.?x ?? registry[0]!.outputs.y
