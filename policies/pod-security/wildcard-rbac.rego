package rules["wildcard-rbac"]

# Roles that Kubernetes ships.
exempt if startswith(object.get(input, ["metadata", "name"], ""), "system:")

exempt if object.get(input, ["metadata", "labels", "kubernetes.io/bootstrapping"], "") != ""

# A wildcard of verbs or of resources; all API groups are harmless while their resources are named.
wildcards(rule) := [[field, at] |
	some field in ["verbs", "resources"]
	is_array(rule[field])
	some at, word in rule[field]
	word == "*"
]

deny contains {"path": array.concat(["rules", index], wild[0]), "msg": msg} if {
	not exempt
	is_array(input.rules)
	some index, rule in input.rules
	wild := wildcards(rule)
	count(wild) > 0
	fields := concat(" and ", [field | some [field, _] in wild])
	msg := sprintf("the role grants all %s", [fields])
}
