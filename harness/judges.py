#!/usr/bin/env python3
"""Holds verdicts of rules against the test suites of other linters, given their checkouts.

    harness/judges.py BINARY [--polaris CHECKOUT] [--checkov CHECKOUT]

Each file of a suite says by its name whether it is to pass or to fail. A file is judged by itself; a finding of the rule
that belongs to the suite's check, failed or possible, is a failure. Prints agreed of total, and each file that differs.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

# The folder of a check, and our rule.
POLARIS = {
    "missingNetworkPolicy": "pod-without-network-policy",
    "topologySpreadConstraint": "workload-not-zone-spread",
    "tagNotSpecified": "mutable-image-tag",
    "hostIPCSet": "host-namespace",
    "hostPIDSet": "host-namespace",
    "hostNetworkSet": "host-namespace",
    "hostPortSet": "host-port",
    "hostPathSet": "host-path-volume",
    "runAsPrivileged": "privileged-container",
    "privilegeEscalationAllowed": "privilege-escalation",
    "notReadOnlyRootFilesystem": "writable-root-filesystem",
    "runAsRootAllowed": "runs-as-root",
    "automountServiceAccountToken": "service-account-token-mounted",
    "tlsSettingsMissing": "ingress-without-tls",
    "clusterrolebindingClusterAdmin": "cluster-admin-binding",
}
CHECKOV = {
    "AKSLocalAdminDisabled": "local-accounts-enabled",
    "AKSNetworkPolicy": "network-policy-disabled",
    "AKSApiServerAuthorizedIpRanges": "api-server-open",
    "AKSDashboardDisabled": "legacy-addon-enabled",
    "AKSLoggingEnabled": "monitoring-disabled",
    "AKSRbacEnabled": "kubernetes-rbac-disabled",
    "AkSSecretStoreRotation": "secrets-provider-disabled",
}

# Where ours differs and is right, why.
REASONS = {
    "missingNetworkPolicy/failure.netpol_missing_egress": "the rule asks for ingress; egress is `egress-unrestricted`'s",
    "missingNetworkPolicy/failure.netpol_missing_ingress_rules": "a policy without rules denies all: the pods are covered",
    "topologySpreadConstraint/failure": "no `replicas` is one replica, which has nothing to spread",
    "runAsRootAllowed/failure": "`apiVersion: v1` has no Deployment: no cluster takes it",
    "clusterrolebindingClusterAdmin/failure": "the role is the file's own: `wildcard-rbac` reports it",
    "AKSDashboardDisabled/AKSDashboardDisabled-FAILED": "the add-on is off where nothing switches it on",
    "AKSLoggingEnabled/aksLoggingEnabled-FAILED3": "whether it is on depends on a parameter that nobody gives",
    "AKSRbacEnabled/aksEnableRbac-FAILED": "a missing `enableRBAC` is what the API makes of it: the table of defaults decides",
}


def reason(name):
    return next((why for start, why in REASONS.items() if name.startswith(start)), "no reason is known")


def expected(name):
    """Whether a file is to fail, by its name; None for what says nothing."""
    name = name.lower()
    if "fail" in name:
        return True
    if "pass" in name or name.startswith("success"):
        return False
    return None


def fails(binary, file, rule):
    """Whether the rule has a finding in a file."""
    command = [binary, "check", file.name, "--select", rule, "--format", "json", "--show-undetermined"]
    ran = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, timeout=60)
    if ran.returncode == 2:
        return f"could not run: {ran.stderr.strip().splitlines()[0] if ran.stderr.strip() else ''}"
    found = [f for f in json.loads(ran.stdout)["findings"] if f["rule"] == rule]
    if any(f["verdict"] in ("fail", "possible") for f in found):
        return True
    return "undetermined" if found else False


def judge(binary, suite, root, folders, table):
    agreed = total = 0
    for check, rule in table.items():
        folder = root / folders.format(check)
        files = sorted(f for f in folder.rglob("*") if f.suffix in (".yaml", ".yml", ".json")) if folder.is_dir() else []
        for file in files:
            wanted = expected(file.name)
            if wanted is None:
                continue
            total += 1
            said = fails(binary, file, rule)
            if said is wanted:
                agreed += 1
            else:
                words = {True: "fails", False: "passes"}
                name = f"{check}/{file.name}"
                print(f"  {name}: {suite} {words[wanted]}, {rule} {words.get(said, said)}: {reason(name)}")
    print(f"{suite}: {agreed} of {total} verdicts agree")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--polaris", type=Path)
    parser.add_argument("--checkov", type=Path)
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    if args.polaris:
        judge(binary, "polaris", args.polaris, "test/checks/{}", POLARIS)
    if args.checkov:
        judge(binary, "checkov", args.checkov, "tests/arm/checks/resource/example_{}", CHECKOV)
    if not (args.polaris or args.checkov):
        sys.exit("name a checkout: --polaris, --checkov")


main()
