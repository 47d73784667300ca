package rules["privilege-escalation"]

import data.lib.pods

deny contains {"path": pods.security(item, "allowPrivilegeEscalation"), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	not pods.on_windows(item.pod)
	not item.container.securityContext.allowPrivilegeEscalation == false
	msg := sprintf("%s may gain more privileges than its parent process", [pods.called(item)])
}
