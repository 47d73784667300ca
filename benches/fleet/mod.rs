//! A generated fleet: stamps of one cluster and one network each, and their workloads. Most of it is as it should be.
#![allow(dead_code, reason = "each program uses a part")]

use std::path::Path;

/// What stamps share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Every stamp takes the same manifests and the same network; one parameter of the cluster differs.
    Shared,
    /// Every stamp has manifests, a network and parameters of its own.
    Own,
}

/// Workloads that go into one file.
const IN_A_FILE: usize = 20;

/// Every so many workloads one has a fault.
const FAULT: usize = 25;

/// The files of a fleet: path and text.
pub fn files(shape: Shape, stamps: usize, workloads: usize) -> Vec<(String, String)> {
    let names: Vec<String> = (0..stamps).map(|i| format!("s{i:03}")).collect();
    let mut files = vec![
        ("stamplint.yaml".to_owned(), config(shape, &names)),
        ("infra/cluster.bicep".to_owned(), include_str!("../../examples/contoso/infra/cluster.bicep").to_owned()),
        ("infra/network.bicep".to_owned(), include_str!("../../examples/contoso/infra/network.bicep").to_owned()),
    ];
    for (i, name) in names.iter().enumerate() {
        files.push((format!("infra/cluster.parameters.{name}.json"), parameters(4 + i)));
        if shape == Shape::Own {
            files.push((format!("infra/network.{name}.bicepparam"), network(i)));
            manifests(&format!("apps/{name}"), name, i, workloads, &mut files);
        }
    }
    if shape == Shape::Shared {
        files.push(("infra/network.bicepparam".to_owned(), network(0)));
        manifests("apps", "shared", 0, workloads, &mut files);
    }
    files
}

/// Writes the files below a folder.
///
/// # Errors
/// When a file cannot be written.
#[allow(clippy::disallowed_methods, reason = "a program for developers")]
pub fn write(root: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

fn config(shape: Shape, names: &[String]) -> String {
    let mut text = String::from("fleet: generated\nstamps:\n");
    for name in names {
        text.push_str(&format!("  - {{name: {name}, region: eastus2, environment: production}}\n"));
    }
    let (network, apps) = match shape {
        Shape::Shared => ("infra/network.bicepparam", "apps"),
        Shape::Own => ("infra/network.{name}.bicepparam", "apps/{name}"),
    };
    text.push_str(&format!(
        "eachStamp:
  deployments:
    - {{id: network, template: infra/network.bicep, parameters: \"{network}\"}}
    - id: cluster
      template: infra/cluster.bicep
      parameters: \"infra/cluster.parameters.{{name}}.json\"
      resourceGroup: \"rg-{{name}}\"
      set: {{nodeSubnetId: \"{{network.outputs.nodeSubnetId}}\"}}
  manifests: [\"{apps}\"]
rules:
  unapproved-registry: {{approved: [contoso.azurecr.io]}}
drift: {{allow: [userNodes, \"*Prefix\"]}}
"
    ));
    text
}

fn parameters(nodes: usize) -> String {
    format!(
        r#"{{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {{
    "location": {{ "value": "eastus2" }},
    "adminGroupId": {{ "value": "0b7c2e6a-53f4-4a57-9d0e-6f1f4b8d2c31" }},
    "authorizedRanges": {{ "value": ["203.0.113.0/28"] }},
    "userNodes": {{ "value": {nodes} }}
  }}
}}
"#
    )
}

fn network(i: usize) -> String {
    format!(
        "using './network.bicep'\n\nparam location = 'eastus2'\nparam vnetPrefix = '10.{i}.0.0/16'\nparam nodePrefix = '10.{i}.0.0/22'\n"
    )
}

fn manifests(folder: &str, stamp: &str, number: usize, workloads: usize, files: &mut Vec<(String, String)>) {
    let namespaces: Vec<String> = (0..10).map(namespace).collect();
    files.push((format!("{folder}/namespaces.yaml"), namespaces.join("---\n")));
    let all: Vec<String> = (0..workloads).map(|i| workload(i, stamp, number)).collect();
    for (i, some) in all.chunks(IN_A_FILE).enumerate() {
        files.push((format!("{folder}/team-{i:03}.yaml"), some.join("---\n")));
    }
}

fn namespace(i: usize) -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata:
  name: team-{i}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: team-{i}
spec:
  podSelector: {{}}
  policyTypes: [Ingress, Egress]
"
    )
}

fn workload(i: usize, stamp: &str, number: usize) -> String {
    let tag = if i % FAULT == 7 { "latest".to_owned() } else { format!("1.4.{i}") };
    let read_only = i % FAULT != 11;
    let team = i % 10;
    let limit = 128 + number % 3 * 64;
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{i}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: app-{i}
    contoso.com/stamp: {stamp}
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{i}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{i}
        contoso.com/stamp: {stamp}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile: {{type: RuntimeDefault}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: app-{i}
      containers:
        - name: app
          image: contoso.azurecr.io/team-{team}/app-{i}:{tag}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: STAMP
              value: {stamp}
            - name: UPSTREAM
              value: https://api.{stamp}.contoso.com
          readinessProbe:
            httpGet: {{path: /healthz, port: http}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: {read_only}
            capabilities: {{drop: [ALL]}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: {limit}Mi}}
"
    )
}
