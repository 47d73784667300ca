package rules["proc-mount"]

import data.lib.pods

deny contains {"path": pods.security(item, "procMount"), "msg": msg} if {
	some item in pods.containers
	not item.container.securityContext.procMount in {"", "Default"}
	msg := sprintf("%s sees all of `/proc`", [pods.called(item)])
}
