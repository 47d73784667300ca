package rules["service-account-token-mounted"]

import data.lib.pods

namespace := object.get(input, ["metadata", "namespace"], "")

objects := object.get(data.inventory, "kubernetes", {})

account(pod) := name if {
	name := object.get(pod.spec, "serviceAccountName", object.get(pod.spec, "serviceAccount", "default"))
	name != ""
} else := "default"

# What the pod says goes before what its account says.
mounts(pod) if pod.spec.automountServiceAccountToken == true

mounts(pod) if {
	object.get(pod.spec, "automountServiceAccountToken", null) == null
	object.get(objects, ["v1", "ServiceAccount", namespace, account(pod), "automountServiceAccountToken"], null) != false
}

# An account with rights of its own needs its token.
has_rights(pod) if {
	some kind in ["RoleBinding", "ClusterRoleBinding"]
	some name, subject
	bound := objects["rbac.authorization.k8s.io/v1"][kind][_][name].subjects[subject]
	bound.kind == "ServiceAccount"
	bound.name == account(pod)
	object.get(bound, "namespace", namespace) == namespace
}

# An account that stands in other files may forbid it there.
verdict(pod) := "fail" if account(pod) == "default"

verdict(pod) := "fail" if {
	account(pod) != "default"
	objects.v1.ServiceAccount[namespace][account(pod)]
} else := "possible" if account(pod) != "default"

deny contains {"path": path, "msg": msg, "verdict": verdict(pod)} if {
	pods.restricted
	some pod in pods.all
	mounts(pod)
	not has_rights(pod)
	path := array.concat(pod.path, ["spec", "automountServiceAccountToken"])
	msg := sprintf("the token of service account `%s` is mounted into the pod, though the account has no rights of its own", [account(pod)])
}
