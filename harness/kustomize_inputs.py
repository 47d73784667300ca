#!/usr/bin/env python3
"""usage: kustomize_inputs.py CHECKOUT DIR

Lays out the inputs of kustomize's own Go tests (`th.WriteK`, `WriteC`, `WriteF` with literal text) below DIR, one folder
for each test, so that `cargo run --example kustomize -- DIR` can build them. CHECKOUT is one of kubernetes-sigs/kustomize.
"""
import pathlib
import re
import sys

HEAD = {
    "K": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
    "C": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
}
FUNC = re.compile(r"^func (\w+)\([^)]*\)[^{]*\{\n(.*?)^\}", re.M | re.S)
LITERAL = r"`[^`]*`|\"(?:[^\"\\\n]|\\.)*\""
ARGUMENT = rf"(?:{LITERAL}|[\w.]+)(?:\s*\+\s*(?:{LITERAL}|[\w.]+))*"
CALL = re.compile(rf"\bth\.Write(K|C|F)\(\s*({ARGUMENT}),\s*({ARGUMENT}),?\s*\)|\b(\w+)\(th\b|\b(\w+)\(t, th\b")
RUN = re.compile(rf"\bth\.\w*Run(Transformer|Generator)\w*\(\s*({ARGUMENT})\s*(?:,\s*({ARGUMENT}))?")
CONST = re.compile(rf"^\s*(?:const |var )?(\w+)\s*(?:string)?\s*:?=\s*({ARGUMENT})\s*$", re.M)


def text(argument, constants):
    out = ""
    for piece in re.findall(rf"{LITERAL}|[\w.]+", argument):
        if piece[0] == "`":
            out += piece[1:-1]
        elif piece[0] == '"':
            out += piece[1:-1].encode().decode("unicode_escape")
        elif piece in constants:
            out += constants[piece]
        else:
            return None
    return out


def files(body, functions, constants, seen=()):
    constants = dict(constants)
    for name, argument in CONST.findall(body):
        value = text(argument, constants)
        if value is not None:
            constants[name] = value
    found = {}
    for kind, path, content, helper, helper2 in CALL.findall(body):
        name = helper or helper2
        if name:
            if name in functions and name not in seen:
                found.update(files(functions[name], functions, constants, (*seen, name)))
            continue
        path, content = text(path, constants), text(content, constants)
        if path is None or content is None:
            continue
        path = path.strip("/")
        if kind in HEAD:
            found[(path + "/" if path not in ("", ".") else "") + "kustomization.yaml"] = HEAD[kind] + content
        else:
            found[path] = content
    return found


def plugins(body, functions, constants):
    """A folder for each run of a plugin: its configuration and what it is given."""
    constants = dict(constants)
    for name, argument in CONST.findall(body):
        value = text(argument, constants)
        if value is not None:
            constants[name] = value
    beside = files(body, functions, constants)
    for number, (kind, config, given) in enumerate(RUN.findall(body)):
        config, given = text(config, constants), text(given, constants) if given else None
        if config is None or (kind == "Transformer" and given is None):
            continue
        found = dict(beside)
        if kind == "Transformer":
            found["given.yaml"] = given
            found["kustomization.yaml"] = HEAD["K"] + "resources: [given.yaml]\ntransformers: [plugin.yaml]\n"
        else:
            found["kustomization.yaml"] = HEAD["K"] + "generators: [plugin.yaml]\n"
        found["plugin.yaml"] = config
        yield f"-{number}", found


def main():
    checkout, to = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    count = 0
    packages = {}
    for path in sorted(checkout.rglob("*_test.go")):
        packages.setdefault(path.parent, []).append(path)
    for paths in packages.values():
        sources = [p.read_text() for p in paths]
        functions = dict(pair for source in sources for pair in FUNC.findall(source))
        constants = {}
        for source in sources:
            for name, argument in CONST.findall(FUNC.sub("", source)):
                value = text(argument, constants)
                if value is not None:
                    constants[name] = value
        for name, body in functions.items():
            if not name.startswith("Test"):
                continue
            layouts = [("", files(body, functions, constants)), *plugins(body, functions, constants)]
            for suffix, found in layouts:
                if not any(p.endswith("kustomization.yaml") for p in found):
                    continue
                count += 1
                for path, content in found.items():
                    target = (to / (name + suffix) / path).resolve()
                    if to.resolve() not in target.parents:
                        continue
                    try:
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_text(content)
                    except OSError:
                        pass
    print(f"{count} tests below {to}")


main()
