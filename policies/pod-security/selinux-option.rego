package rules["selinux-option"]

import data.lib.pods

types := {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

# The options of each pod and container, with their place.
options contains {"path": pods.pod_security(pod, "seLinuxOptions"), "of": "the pod", "given": given} if {
	some pod in pods.all
	given := pod.spec.securityContext.seLinuxOptions
}

options contains {"path": pods.security(item, "seLinuxOptions"), "of": pods.called(item), "given": given} if {
	some item in pods.containers
	given := item.container.securityContext.seLinuxOptions
}

deny contains {"path": array.concat(found.path, ["type"]), "msg": msg} if {
	some found in options
	not found.given.type in types
	msg := sprintf("%s takes the SELinux type `%s`", [found.of, found.given.type])
}

deny contains {"path": array.concat(found.path, [field]), "msg": msg} if {
	some found in options
	some field in ["user", "role"]
	not found.given[field] in {""}
	msg := sprintf("%s takes the SELinux %s `%s`", [found.of, field, found.given[field]])
}
