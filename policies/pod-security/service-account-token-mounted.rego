package rules["service-account-token-mounted"]

import data.lib.pods

namespace := object.get(input, ["metadata", "namespace"], "")

declared(pod) := data.inventory.kubernetes.v1.ServiceAccount[namespace][account(pod)]

account(pod) := name if {
	name := object.get(pod.spec, "serviceAccountName", object.get(pod.spec, "serviceAccount", "default"))
	name != ""
} else := "default"

# What the pod says goes before what its account says.
mounts(pod) if pod.spec.automountServiceAccountToken == true

mounts(pod) if {
	object.get(pod.spec, "automountServiceAccountToken", null) == null
	not forbidden(pod)
}

forbidden(pod) if declared(pod).automountServiceAccountToken == false

# The accounts that a binding names, by namespace and name. They are the same for every pod, so they are gathered once.
bound contains [object.get(subject, "namespace", null), subject.name] if {
	subjects := role_bindings[_][_].subjects
	is_array(subjects)
	some subject in subjects
	subject.kind == "ServiceAccount"
}

bound contains [object.get(subject, "namespace", null), subject.name] if {
	subjects := cluster_role_bindings[_][_].subjects
	is_array(subjects)
	some subject in subjects
	subject.kind == "ServiceAccount"
}

role_bindings := data.inventory.kubernetes["rbac.authorization.k8s.io/v1"].RoleBinding

cluster_role_bindings := data.inventory.kubernetes["rbac.authorization.k8s.io/v1"].ClusterRoleBinding

# An account with rights of its own needs its token. A subject without a namespace stands in the pod's.
has_rights(pod) if [namespace, account(pod)] in bound

has_rights(pod) if [null, account(pod)] in bound

# An account that stands in other files may forbid it there.
verdict(pod) := "fail" if account(pod) == "default"

verdict(pod) := "fail" if {
	account(pod) != "default"
	declared(pod)
} else := "possible" if account(pod) != "default"

deny contains {"path": path, "msg": msg, "verdict": verdict(pod)} if {
	pods.restricted
	some pod in pods.all
	mounts(pod)
	not has_rights(pod)
	path := array.concat(pod.path, ["spec", "automountServiceAccountToken"])
	msg := sprintf("the token of service account `%s` is mounted into the pod, though the account has no rights of its own", [account(pod)])
}
