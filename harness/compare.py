#!/usr/bin/env python3
"""Runs stamplint and public tools on the same files, side by side, and prints what each costs.

    harness/compare.py CORPUS [--stamplint PROGRAM] [--tools FOLDER] [--runs N]

CORPUS is a folder of manifests, templates and whatever lies beside them. The program and the tools are looked for on
the path, too; a tool that is not there is left out. They are installed by

    go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0
    go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
    go install github.com/open-policy-agent/conftest@v0.71.1
    go install github.com/open-policy-agent/gatekeeper/v3/cmd/gator@v3.23.1

Most tools give up at the first file that they cannot read, so they get plain manifests only: files of the corpus in
which stamplint finds nothing that it could not read. Policies are those of harness/compare, which conftest and gator
run as they stand, and so does stamplint. Times are the best of N runs, memory is the peak of a run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
POLICIES = os.path.join(HERE, "compare")
UNREADABLE = "not-analysed,duplicate-key,unrendered-template,limit-exceeded,schema-violation"


class Cost:
    def __init__(self, wall, user, system, memory):
        self.wall, self.user, self.system, self.memory = wall, user, system, memory


def run(command, runs, folder, out=os.devnull):
    """The cheapest of several runs; exit codes say what was found, not whether it worked."""
    best = None
    for _ in range(runs):
        with open(out, "wb") as sink:
            start = time.monotonic()
            process = subprocess.Popen(command, cwd=folder, stdout=sink, stderr=subprocess.DEVNULL, shell=isinstance(command, str))
            _, _, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
            process.returncode = 0
        cost = Cost(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024)
        if best is None or cost.wall < best.wall:
            best = cost
    return best


def report(name, cost, other=None):
    ratio = f"{cost.wall / other.wall:9.1f}" if other else " " * 9
    print(f"{name:44} {cost.wall:8.3f} {cost.user:8.3f} {cost.system:8.3f} {cost.memory:8.0f} {ratio}", flush=True)


def header(title, files):
    print(f"\n{title} ({files} files)")
    print(f"{'':44} {'wall s':>8} {'user s':>8} {'system s':>8} {'MiB':>8} {'ratio':>9}")


def all_files(folder):
    found = []
    for at, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.relpath(os.path.join(at, n), folder) for n in sorted(names) if not os.path.islink(os.path.join(at, n))]
    return found


def plain(corpus, program):
    """Manifests that every tool can read."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out.json")
        subprocess.run([program, ".", "--select", UNREADABLE, "--show-undetermined", "--fail-on", "never", "--output", f"json={out}"],
                       cwd=corpus, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        with open(out, encoding="utf-8") as f:
            text = f.read()
    broken = set()

    def walk(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("file", "path", "uri") and isinstance(value, str):
                    broken.add(value)
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(json.loads(text).get("findings", []))
    found = []
    for path in all_files(corpus):
        if not path.endswith((".yaml", ".yml")) or path in broken:
            continue
        try:
            with open(os.path.join(corpus, path), encoding="utf-8") as f:
                text = f.read()
        except (UnicodeDecodeError, OSError):
            continue
        lines = text.splitlines()
        if "{{" in text or "\t" in text or "<<:" in text:
            continue
        if any(l.startswith("apiVersion:") for l in lines) and any(l.startswith("kind:") for l in lines):
            found.append(path)
    return found


def find(name, tools):
    return shutil.which(name, path=os.pathsep.join([tools] if tools else []) + os.pathsep + os.environ.get("PATH", ""))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus")
    arguments.add_argument("--stamplint", default=shutil.which("stamplint") or os.path.join(HERE, "..", "target", "release", "stamplint"))
    arguments.add_argument("--tools", default="")
    arguments.add_argument("--runs", type=int, default=3)
    given = arguments.parse_args()
    corpus, program, runs = os.path.abspath(given.corpus), os.path.abspath(given.stamplint), given.runs
    if not os.access(program, os.X_OK):
        sys.exit(f"`{given.stamplint}` is no program: build it with `cargo build --release`")

    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        files = all_files(corpus)
        listed = os.path.join(scratch, "files")
        with open(listed, "wb") as f:
            f.write(b"\0".join(os.fsencode(p) for p in files))
        check = [program, ".", "--fail-on", "never", "--output", f"json={out}"]

        header("All files of the corpus, all rules; ratio to reading them", len(files))
        cat = run(f"xargs -0 cat < {listed} | wc -l", runs, corpus)
        report("cat | wc -l", cat)
        report("stamplint, native rules", run(check + ["--ignore", "pod-security"], runs, corpus), cat)
        report("stamplint, all rules", run(check, runs, corpus), cat)

        manifests = plain(corpus, program)
        folder = os.path.join(scratch, "plain")
        for path in manifests:
            copy = os.path.join(folder, "manifests", path)
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(os.path.join(corpus, path), copy)
        for dialect in ("conftest", "gatekeeper"):
            home = os.path.join(folder, dialect)
            os.makedirs(home)
            with open(os.path.join(home, "stamplint.yaml"), "w", encoding="utf-8") as f:
                f.write(f"policies: [{{path: policies, dialect: {dialect}}}]\nstamps: [{{name: one, manifests: [manifests]}}]\n")
            shutil.copytree(os.path.join(POLICIES, dialect), os.path.join(home, "policies"))
            shutil.copytree(os.path.join(folder, "manifests"), os.path.join(home, "manifests"))
        paths = [os.path.join("manifests", p) for p in manifests]

        header("Plain manifests, all rules; ratio of the tool to stamplint", len(manifests))
        manifest_check = [program, "manifests", *check[2:]]
        whole = run(manifest_check, runs, folder)
        report("stamplint, all rules", whole)
        native = run(manifest_check + ["--ignore", "pod-security"], runs, folder)
        report("stamplint, native rules", native)
        if tool := find("kubeconform", given.tools):
            empty = os.path.join(scratch, "empty")
            os.makedirs(empty)
            schemas = os.path.join(empty, "{{.ResourceKind}}.json")
            cost = run([tool, "-ignore-missing-schemas", "-schema-location", schemas, "manifests"], runs, folder, out)
            report("kubeconform, no schemas", cost, native)
        if tool := find("kube-score", given.tools):
            report("kube-score", run([tool, "score", "--output-format", "ci", *paths], runs, folder, out), native)

        for dialect, name, command in (
            ("conftest", "conftest", lambda tool: [tool, "test", "--policy", "policies", "--output", "json", "manifests"]),
            ("gatekeeper", "gator", lambda tool: [tool, "test", "-f", "manifests", "-f", "policies", "-o", "json"]),
        ):
            home = os.path.join(folder, dialect)
            header(f"Plain manifests, the same policies as {name}; ratio of the tool to stamplint", len(manifests))
            own = run(check[:1] + ["--select", dialect] + check[2:], runs, home)
            report("stamplint", own)
            if tool := find(name, given.tools):
                report(name, run(command(tool), runs, home, out), own)


if __name__ == "__main__":
    main()
