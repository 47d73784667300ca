package rules["windows-host-process"]

import data.lib.pods

deny contains {"path": array.concat(pods.pod_security(pod, "windowsOptions"), ["hostProcess"]), "msg": "the pod runs as a process of the node"} if {
	some pod in pods.all
	pod.spec.securityContext.windowsOptions.hostProcess == true
}

deny contains {"path": array.concat(pods.security(item, "windowsOptions"), ["hostProcess"]), "msg": msg} if {
	some item in pods.containers
	item.container.securityContext.windowsOptions.hostProcess == true
	msg := sprintf("%s runs as a process of the node", [pods.called(item)])
}
