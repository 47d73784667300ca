//! No finding changes when a comment or a blank line is added elsewhere: it moves down with its line, and that is all.

use proptest::prelude::*;

use crate::support::Tree;

/// Files in which a line of its own may be a comment anywhere, and what begins one.
const FILES: [(&str, &str, &str); 3] = [
    (
        "web.yaml",
        "#",
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: "2"
  template:
    metadata:
      labels:
        app: web
        app: web2
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          labelSelector: {matchLabels: {
            app: api}}
      containers:
        - name: web
          image: "nginx"
        -
          name: side
          image: >-
            busybox:latest
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec:
  podSelector: {matchLabels: {app: other}}
  ingress:
    - from:
        - ipBlock:
            cidr: 0.0.0.0/0
    - ports:
        - port: 80
"#,
    ),
    (
        "cluster.json",
        "//",
        r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "local": {
      "type": "bool",
      "defaultValue": false
    }
  },
  "variables": {
    "zones": [
      "1"
    ]
  },
  "resources": [
    {
      "type": "Microsoft.ContainerService/managedClusters",
      "apiVersion": "2024-02-01",
      "name": "aks",
      "location": "eastus2",
      "properties": {
        "disableLocalAccounts": "[parameters('local')]",
        "agentPoolProfiles": [
          {
            "name": "system",
            "availabilityZones": "[variables('zones')]"
          }
        ]
      }
    }
  ]
}
"#,
    ),
    (
        "registry.bicep",
        "//",
        r#"param location string = 'eastus2'
param zones array = [
  '1'
]

resource aks 'Microsoft.ContainerService/managedClusters@2024-02-01' = {
  name: 'aks-2'
  location: location
  properties: {
    networkProfile: {
      networkPlugin: 'azure'
    }
    agentPoolProfiles: [
      {
        name: 'system'
        availabilityZones: zones
      }
    ]
  }
}
"#,
    ),
];

/// A finding with the lines of its places, and everything else that a report says of it.
type Found = Vec<(String, Vec<u64>)>;

fn check(tree: &Tree) -> Found {
    let ran = tree.run(&["--format", "json", "--all"]);
    let mut report = ran.json();
    let findings = report["findings"].as_array_mut().unwrap();
    let mut found: Found = findings
        .iter_mut()
        .map(|finding| {
            let mut lines = Vec::new();
            for place in finding["places"].as_array_mut().unwrap() {
                for end in ["start", "end"] {
                    lines.push(place[end]["line"].take().as_u64().unwrap());
                }
            }
            for edit in finding["fixes"].as_array_mut().into_iter().flatten() {
                edit["edits"].take();
            }
            (finding.to_string(), lines)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_comment_or_a_blank_line_elsewhere_changes_no_finding() {
    let tree = Tree::new(&FILES.map(|(file, _, text)| (file, text)));
    let before = check(&tree);
    assert!(before.len() > 20, "{before:#?}");
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(which in 0..FILES.len(), at in any::<prop::sample::Index>(), indent in 0..12_usize, blank: bool)| {
        let (file, sign, text) = FILES[which];
        let lines: Vec<&str> = text.lines().collect();
        let mut at = at.index(lines.len() + 1);
        // The text of a block scalar is no place for a comment.
        if at > 0 && lines[at - 1].ends_with(">-") {
            at -= 1;
        }
        let added = if blank { String::new() } else { format!("{}{sign} a word", " ".repeat(indent)) };
        let mut all: Vec<&str> = lines.clone();
        all.insert(at, &added);
        tree.write(file, all.join("\n") + "\n");
        let mut after = check(&tree);
        tree.write(file, text);
        // What stood below moved down by one; all else is the same.
        let moved = format!("\"file\":\"{file}\"");
        for (finding, found) in &mut after {
            let finding: serde_json::Value = serde_json::from_str(finding).unwrap();
            for (place, lines) in finding["places"].as_array().unwrap().iter().zip(found.chunks_mut(2)) {
                if place["file"] == file {
                    lines.iter_mut().filter(|line| **line > at as u64).for_each(|line| *line -= 1);
                }
            }
        }
        after.sort();
        prop_assert_eq!(&after, &before, "{} after line {}: {:?}", moved, at, added);
    });
}
