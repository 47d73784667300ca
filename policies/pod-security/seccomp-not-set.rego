package rules["seccomp-not-set"]

import data.lib.pods

allowed := {"RuntimeDefault", "Localhost"}

# A profile that is none: the baseline standard forbids it too, on Linux and Windows alike.
deny contains {"path": array.concat(pods.pod_security(pod, "seccompProfile"), ["type"]), "msg": msg} if {
	some pod in pods.all
	type := pod.spec.securityContext.seccompProfile.type
	not type in allowed
	msg := sprintf("the pod's seccomp profile is `%v`", [type])
}

deny contains {"path": array.concat(pods.security(item, "seccompProfile"), ["type"]), "msg": msg} if {
	some item in pods.containers
	type := item.container.securityContext.seccompProfile.type
	not type in allowed
	msg := sprintf("the seccomp profile of %s is `%v`", [pods.called(item), type])
}

# No profile at all.
deny contains {"path": array.concat(pods.security(item, "seccompProfile"), ["type"]), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	not pods.on_windows(item.pod)
	not item.container.securityContext.seccompProfile.type
	not item.pod.spec.securityContext.seccompProfile.type
	msg := sprintf("%s runs without a seccomp profile", [pods.called(item)])
}
