//! A fleet of any number of stamps that is in order but for five faults, each in a stamp of its own.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// A fault that was planted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Planted {
    /// The rule that is to find it.
    pub rule: String,
    /// The file that it is in.
    pub file: String,
    /// The stamp that has it.
    pub stamp: String,
}

/// The name of a stamp. Two regions that are a pair, and a number.
fn name(i: usize) -> String {
    format!("{}-{:03}", region(i), i / 2 + 1)
}

fn region(i: usize) -> &'static str {
    if i.is_multiple_of(2) { "eastus2" } else { "centralus" }
}

const TEMPLATE: &str = r"
param location string
param stamp string
param vnetPrefix string
param podPrefix string
param kubernetesVersion string = '1.34'
param nodeCount int
param containerRegistryId string

resource vnet 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: 'vnet-${stamp}'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [vnetPrefix] }
    subnets: [
      { name: 'nodes', properties: { addressPrefix: cidrSubnet(vnetPrefix, 22, 0) } }
      { name: 'gateway', properties: { addressPrefix: cidrSubnet(vnetPrefix, 24, 8) } }
      { name: 'links', properties: { addressPrefix: cidrSubnet(vnetPrefix, 24, 9) } }
    ]
  }
}
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${stamp}'
  location: location
}
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${stamp}'
  location: location
  properties: { tenantId: tenant().tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true }
}
resource aks 'Microsoft.ContainerService/managedClusters@2024-05-01' = {
  name: 'aks-${stamp}'
  location: location
  tags: { registry: containerRegistryId }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    dnsPrefix: stamp
    kubernetesVersion: kubernetesVersion
    disableLocalAccounts: true
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', networkPolicy: 'cilium', podCidr: podPrefix }
    agentPoolProfiles: [
      { name: 'system', mode: 'System', count: 3, vmSize: 'Standard_D4ds_v5', vnetSubnetID: vnet.properties.subnets[0].id }
      { name: 'user', mode: 'User', count: nodeCount, vmSize: 'Standard_D8ds_v5', vnetSubnetID: '${vnet.id}/subnets/nodes' }
    ]
  }
}
resource flux 'Microsoft.KubernetesConfiguration/fluxConfigurations@2023-05-01' = {
  name: 'workloads'
  scope: aks
  properties: {
    sourceKind: 'GitRepository'
    gitRepository: { url: 'https://git.example.net/fleet', repositoryRef: { branch: 'main' } }
    kustomizations: { apps: { path: './stamps/${stamp}', prune: true } }
  }
}
";

const SHARED: &str = r"
resource acr 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'acrfleet'
  location: 'eastus2'
  sku: { name: 'Premium' }

  resource other 'replications' = {
    name: 'centralus'
    location: 'centralus'
  }
}
";

const BASE: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
";

/// Writes a fleet of `count` stamps into a folder and tells what was planted.
///
/// # Errors
/// When the folder cannot be written.
pub fn generate(folder: &Path, count: usize) -> io::Result<Vec<Planted>> {
    let put = |path: &str, text: &str| -> io::Result<()> {
        let full = folder.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(full, text)
    };
    put("stamp.bicep", TEMPLATE)?;
    put("shared.bicep", SHARED)?;
    put("base.yaml", BASE)?;
    let mut config = String::from("fleet: generated\nshared: {deployments: [{template: shared.bicep}]}\nstamps:\n");
    let faults = Faults::of(count);
    for i in 0..count {
        let _ = writeln!(config, "  - {{name: {}, region: {}, environment: production}}", name(i), region(i));
        put(&format!("parameters/{}.json", name(i)), &parameters(i, &faults))?;
        put(&format!("apps/{}.yaml", name(i)), &apps(i, &faults))?;
    }
    config.push_str(
        "eachStamp:\n  deployments: [{id: stamp, template: stamp.bicep, parameters: \"parameters/{name}.json\", \
         resourceGroup: \"rg-{name}\"}]\n  manifests: [base.yaml, \"apps/{name}.yaml\"]\n",
    );
    put("stamplint.yaml", &config)?;
    let planted = [
        ("parameter-drift", format!("parameters/{}.json", name(faults.nodes)), faults.nodes),
        ("shared-resource-differs", format!("parameters/{}.json", name(faults.registry)), faults.registry),
        ("image-drift", format!("apps/{}.yaml", name(faults.image)), faults.image),
        ("reference-to-other-stamp", format!("apps/{}.yaml", name(faults.vault)), faults.vault),
        // What is missing is shown where it is there.
        ("workload-missing-in-stamp", format!("apps/{}.yaml", name(0)), faults.workload),
    ];
    let planted = planted.into_iter();
    Ok(planted.map(|(rule, file, stamp)| Planted { rule: rule.to_owned(), file, stamp: name(stamp) }).collect())
}

/// The stamps that have a fault.
struct Faults {
    nodes: usize,
    registry: usize,
    image: usize,
    vault: usize,
    workload: usize,
}

impl Faults {
    fn of(count: usize) -> Self {
        let at = |part: usize| (count * part / 6).max(part);
        Self { nodes: at(1), registry: at(2), image: at(3), vault: at(4), workload: at(5) }
    }
}

fn parameters(i: usize, faults: &Faults) -> String {
    let nodes = if i == faults.nodes { 2 } else { 5 };
    let registry = if i == faults.registry { "acrtest" } else { "acrfleet" };
    format!(
        r#"{{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {{
    "location": {{ "value": "{region}" }},
    "stamp": {{ "value": "{name}" }},
    "vnetPrefix": {{ "value": "10.{a}.{b}.0/20" }},
    "podPrefix": {{ "value": "172.{c}.0.0/16" }},
    "nodeCount": {{ "value": {nodes} }},
    "containerRegistryId": {{
      "value": "/subscriptions/8b6c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3/resourceGroups/rg-shared/providers/Microsoft.ContainerRegistry/registries/{registry}"
    }}
  }}
}}
"#,
        region = region(i),
        name = name(i),
        a = i / 16,
        b = i % 16 * 16,
        c = 16 + i % 8,
    )
}

fn apps(i: usize, faults: &Faults) -> String {
    let mut text = String::new();
    let workload = |app: &str, tag: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {app}, namespace: shop}}\nspec:\n  replicas: 3\n  selector: {{matchLabels: {{app: {app}}}}}\n  \
             template:\n    metadata: {{labels: {{app: {app}}}}}\n    spec:\n      containers:\n        - name: {app}\n          image: acrfleet.azurecr.io/{app}:{tag}\n          \
             env: [{{name: REGION, value: {}}}]\n          resources: {{limits: {{cpu: 500m, memory: 256Mi}}}}\n---\n",
            region(i)
        )
    };
    for app in ["web", "cart", "search"] {
        if app == "cart" && i == faults.workload {
            continue;
        }
        let tag = if app == "web" && i == faults.image { "1.4.1" } else { "1.4.2" };
        text.push_str(&workload(app, tag));
    }
    let vault = if i == faults.vault { name(i - 1) } else { name(i) };
    let _ = write!(
        text,
        "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {{name: shop, namespace: shop}}\nspec:\n  provider: azure\n  \
         parameters: {{keyvaultName: kv-{vault}}}\n---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: gateway-only, namespace: shop}}\n\
         spec: {{ipAllowList: {{sourceRange: [10.{}.{}.0/24]}}}}\n",
        i / 16,
        i % 16 * 16 + 8,
    );
    text
}
