package rules["capability-added"]

import data.lib.pods

# What the baseline standard lets a container have: what container runtimes give by themselves.
baseline := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
	"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

added contains {"item": item, "path": path, "name": name} if {
	some item in pods.containers
	is_array(item.container.securityContext.capabilities.add)
	some index, name in item.container.securityContext.capabilities.add
	path := array.concat(pods.security(item, "capabilities"), ["add", index])
}

deny contains {"path": found.path, "msg": msg} if {
	some found in added
	not found.name in baseline
	msg := sprintf("%s adds the capability `%s`", [pods.called(found.item), found.name])
}

# The restricted standard allows one only.
deny contains {"path": found.path, "msg": msg, "effect": "audit"} if {
	pods.restricted
	some found in added
	not pods.on_windows(found.item.pod)
	found.name in baseline
	found.name != "NET_BIND_SERVICE"
	msg := sprintf("%s adds the capability `%s`, which the restricted standard does not allow", [pods.called(found.item), found.name])
}
