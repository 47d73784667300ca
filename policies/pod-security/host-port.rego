package rules["host-port"]

import data.lib.pods

deny contains {"path": array.concat(item.path, ["ports", index, "hostPort"]), "msg": msg} if {
	some item in pods.containers
	is_array(item.container.ports)
	some index, port in item.container.ports
	port.hostPort != 0
	msg := sprintf("%s takes port %v of the node", [pods.called(item), port.hostPort])
}
