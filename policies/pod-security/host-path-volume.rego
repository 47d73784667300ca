package rules["host-path-volume"]

import data.lib.pods

deny contains {"path": array.concat(pod.path, ["spec", "volumes", index, "hostPath"]), "msg": msg} if {
	some pod in pods.all
	is_array(pod.spec.volumes)
	some index, volume in pod.spec.volumes
	volume.hostPath
	msg := sprintf("volume `%s` is a path of the node: `%s`", [object.get(volume, "name", ""), object.get(volume.hostPath, "path", "")])
}
