package rules["runs-as-root"]

import data.lib.pods

# Said outright, by the pod or by a container.
deny contains {"path": pods.pod_security(pod, "runAsNonRoot"), "msg": "the pod may run as root"} if {
	pods.restricted
	some pod in pods.all
	pod.spec.securityContext.runAsNonRoot == false
}

deny contains {"path": pods.security(item, "runAsNonRoot"), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	item.container.securityContext.runAsNonRoot == false
	msg := sprintf("%s may run as root", [pods.called(item)])
}

# Said by neither: the image decides.
deny contains {"path": pods.security(item, "runAsNonRoot"), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	object.get(item.container, ["securityContext", "runAsNonRoot"], null) == null
	object.get(item.pod.spec, ["securityContext", "runAsNonRoot"], null) == null
	msg := sprintf("%s may run as root: neither it nor its pod sets `runAsNonRoot`", [pods.called(item)])
}

# The user is root, whatever else is said.
deny contains {"path": pods.pod_security(pod, "runAsUser"), "msg": "the pod runs as user 0, which is root"} if {
	pods.restricted
	some pod in pods.all
	pod.spec.securityContext.runAsUser == 0
}

deny contains {"path": pods.security(item, "runAsUser"), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	item.container.securityContext.runAsUser == 0
	msg := sprintf("%s runs as user 0, which is root", [pods.called(item)])
}
