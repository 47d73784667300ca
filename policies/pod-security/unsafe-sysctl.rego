package rules["unsafe-sysctl"]

import data.lib.pods

safe := {
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_wmem",
}

deny contains {"path": array.concat(pods.pod_security(pod, "sysctls"), [index, "name"]), "msg": msg} if {
	some pod in pods.all
	is_array(pod.spec.securityContext.sysctls)
	some index, sysctl in pod.spec.securityContext.sysctls
	not sysctl.name in safe
	msg := sprintf("the pod sets the kernel parameter `%s`, which is not isolated from the node", [sysctl.name])
}
