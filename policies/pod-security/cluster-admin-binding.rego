package rules["cluster-admin-binding"]

# An Entra group is named by its object id.
entra := `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`

allowed(subject) if {
	subject.kind == "Group"
	regex.match(entra, subject.name)
}

# Kubernetes' own group, which has these rights anyway.
allowed(subject) if {
	subject.kind == "Group"
	subject.name == "system:masters"
}

deny contains {"path": ["subjects", index, "name"], "msg": msg, "related": related} if {
	input.roleRef.name == "cluster-admin"
	is_array(input.subjects)
	some index, subject in input.subjects
	not allowed(subject)
	msg := sprintf("%s `%s` has every right in %s", [lower(subject.kind), subject.name, reach])
	related := [{"path": ["roleRef", "name"], "msg": "bound here"}]
}

reach := "the cluster" if input.kind == "ClusterRoleBinding"

reach := "its namespace" if input.kind == "RoleBinding"
