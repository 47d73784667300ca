package rules["writable-root-filesystem"]

import data.lib.pods

deny contains {"path": pods.security(item, "readOnlyRootFilesystem"), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	item.kind != "ephemeral"
	not pods.on_windows(item.pod)
	not item.container.securityContext.readOnlyRootFilesystem == true
	msg := sprintf("%s can write to its root file system", [pods.called(item)])
}
