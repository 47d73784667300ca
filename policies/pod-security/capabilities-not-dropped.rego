package rules["capabilities-not-dropped"]

import data.lib.pods

deny contains {"path": array.concat(pods.security(item, "capabilities"), ["drop"]), "msg": msg} if {
	pods.restricted
	some item in pods.containers
	not pods.on_windows(item.pod)
	not drops_all(item.container)
	msg := sprintf("%s does not drop all capabilities", [pods.called(item)])
}

drops_all(container) if "ALL" in container.securityContext.capabilities.drop
