package rules["privileged-container"]

import data.lib.pods

deny contains {"path": pods.security(item, "privileged"), "msg": msg} if {
	some item in pods.containers
	item.container.securityContext.privileged == true
	msg := sprintf("%s is privileged", [pods.called(item)])
}
