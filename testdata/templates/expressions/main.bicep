@secure()
param key string = ''
param settings object = { one: 1, list: ['a', 'b'] }

func label(text string) string => '<${toUpper(text)}>'

resource all 'Sample.Provider/things@2024-01-01' = {
  name: 'all'
  properties: {
    arithmetic: -(1 + 2) * 3
    logic: !empty(key) || settings.one == 1 && true
    safe: settings.?nothing.deeper ?? 'default'
    last: settings.list[^1]
    lambda: map(filter(settings.list, l => l != 'a'), l => label(l))
    object: { ...settings, two: 2 }
    array: ['x', ...settings.list]
    '${settings.list[0]}-key': true
    bracket: '[not an expression]'
    choice: empty(key) ? null : 'given'
    escaped: 'it\'s'
    nested: { deep: { list: [for l in settings.list: { v: l }] } }
  }
}
