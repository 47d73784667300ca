package rules["volume-type-not-allowed"]

import data.lib.pods

allowed := {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"}

# `host-path-volume` reports paths of the node.
deny contains {"path": array.concat(pod.path, ["spec", "volumes", index, type]), "msg": msg} if {
	pods.restricted
	some pod in pods.all
	is_array(pod.spec.volumes)
	some index, volume in pod.spec.volumes
	is_object(volume)
	some type, _ in volume
	not type in allowed
	not type in {"name", "hostPath"}
	msg := sprintf("volume `%s` is of the type `%s`", [object.get(volume, "name", ""), type])
}
