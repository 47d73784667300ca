@export()
type pool = {
  name: string
  count: int
  zones: string[]?
}

@export()
var tier = 'Standard'

@export()
var zones = ['1', '2', '3']

@export()
func tagsFor(name string) object => { owner: name, tier: tier }
