package rules["host-namespace"]

import data.lib.pods

deny contains {"path": array.concat(pod.path, ["spec", field]), "msg": msg} if {
	some pod in pods.all
	some field, word in {"hostNetwork": "network", "hostPID": "process", "hostIPC": "interprocess"}
	pod.spec[field] == true
	msg := sprintf("the pod shares the node's %s namespace", [word])
}
