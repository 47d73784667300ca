package rules["apparmor-not-set"]

import data.lib.pods

allowed := {"RuntimeDefault", "Localhost"}

annotation := "container.apparmor.security.beta.kubernetes.io/"

deny contains {"path": array.concat(pods.pod_security(pod, "appArmorProfile"), ["type"]), "msg": msg} if {
	some pod in pods.all
	type := pod.spec.securityContext.appArmorProfile.type
	not type in allowed
	msg := sprintf("the pod's AppArmor profile is `%v`", [type])
}

deny contains {"path": array.concat(pods.security(item, "appArmorProfile"), ["type"]), "msg": msg} if {
	some item in pods.containers
	type := item.container.securityContext.appArmorProfile.type
	not type in allowed
	msg := sprintf("the AppArmor profile of %s is `%v`", [pods.called(item), type])
}

# Before Kubernetes 1.30 the profile was an annotation.
deny contains {"path": array.concat(pod.path, ["metadata", "annotations", key]), "msg": msg} if {
	some pod in pods.all
	is_object(pod.metadata.annotations)
	some key, profile in pod.metadata.annotations
	startswith(key, annotation)
	not profile in {"", "runtime/default"}
	not startswith(profile, "localhost/")
	msg := sprintf("the AppArmor profile of container `%s` is `%s`", [trim_prefix(key, annotation), profile])
}
