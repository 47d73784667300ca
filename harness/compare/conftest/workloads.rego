package main

import rego.v1

workload if input.kind in {"Deployment", "StatefulSet", "DaemonSet", "Job"}

containers contains container if {
	workload
	some container in input.spec.template.spec.containers
}

deny contains msg if {
	some container in containers
	endswith(container.image, ":latest")
	msg := sprintf("%s/%s: container %s runs the tag latest", [input.kind, input.metadata.name, container.name])
}

deny contains msg if {
	some container in containers
	not container.resources.limits.memory
	msg := sprintf("%s/%s: container %s has no memory limit", [input.kind, input.metadata.name, container.name])
}

deny contains msg if {
	workload
	not input.spec.template.spec.securityContext.runAsNonRoot
	msg := sprintf("%s/%s may run as root", [input.kind, input.metadata.name])
}

warn contains msg if {
	input.kind == "Service"
	input.spec.type == "LoadBalancer"
	msg := sprintf("Service/%s has a public address", [input.metadata.name])
}
