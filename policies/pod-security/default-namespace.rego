package rules["default-namespace"]

name := object.get(input, ["metadata", "name"], "")

# Kubernetes makes these two itself; who writes them down narrows them.
exempt if {
	input.kind == "ServiceAccount"
	name == "default"
}

exempt if {
	input.kind == "Service"
	name == "kubernetes"
}

deny contains {"path": ["metadata", "namespace"], "msg": msg} if {
	not exempt
	input.metadata.namespace == "default"
	msg := sprintf("%s `%s` is put into the namespace `default`", [input.kind, name])
}

# Whoever applies it may name one.
deny contains {"path": ["metadata", "name"], "msg": msg, "verdict": "possible"} if {
	not exempt
	object.get(input, ["metadata", "namespace"], "") == ""
	msg := sprintf("%s `%s` names no namespace: unless whoever applies it does, it lands in `default`", [input.kind, name])
}
