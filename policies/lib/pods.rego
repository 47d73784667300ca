# What every policy about pods starts from.
package lib.pods

# Each pod template of the input, wherever its kind keeps it: {path, metadata, spec}.
all := stamplint.pods(input)

# Each container of each pod: {path, kind, container, pod}; kind is container, init or ephemeral.
containers := stamplint.containers(input)

# The pod is to run on Windows: what only Linux knows does not apply.
on_windows(pod) if pod.spec.os.name == "windows"

# Where a container says `field` of its security context, whether it says it or not.
security(item, field) := array.concat(item.path, ["securityContext", field])

# The same for a pod.
pod_security(pod, field) := array.concat(pod.path, ["spec", "securityContext", field])

# What a message calls a container.
called(item) := sprintf("container `%s`", [object.get(item.container, "name", "")]) if item.kind == "container"

called(item) := sprintf("init container `%s`", [object.get(item.container, "name", "")]) if item.kind == "init"

called(item) := sprintf("ephemeral container `%s`", [object.get(item.container, "name", "")]) if item.kind == "ephemeral"

# The rule asks for what only the restricted standard asks for.
restricted if object.get(data.options, "profile", "restricted") == "restricted"
