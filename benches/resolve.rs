//! How fast a template is resolved: the first stamp with reading, a further stamp, and compiled JSON against parsing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use divan::Bencher;
use stamplint::resolve::context::Context;
use stamplint::resolve::template::{Request, TemplateCache, deploy};
use stamplint::source::{EntryKind, FileError, Files, Listed, Source, Sources, Span};
use stamplint::tree::{Text, Value};

fn main() {
    divan::main();
}

struct Memory(BTreeMap<String, String>, Sources);

impl Files for Memory {
    fn load(&self, path: &str) -> Result<Arc<Source>, FileError> {
        let text = self.0.get(path).ok_or_else(|| FileError::NotFound(path.to_owned()))?;
        Ok(self.1.add(path, text.as_str()))
    }
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        Err(FileError::NotFound(path.to_owned()))
    }
    fn list(&self, dir: &str) -> Result<Vec<Listed>, FileError> {
        Err(FileError::NotFound(dir.to_owned()))
    }
    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.0.contains_key(path).then_some(EntryKind::File)
    }
}

/// A template of many clusters, as people write them, and its compiled form.
fn files() -> Memory {
    let mut bicep = String::from("param location string\nparam count int = 3\nparam off bool = true\n");
    let mut json: Vec<String> = Vec::new();
    for i in 0..100 {
        bicep.push_str(&format!(
            "
resource identity{i} 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {{
  name: 'mi-{i}'
  location: location
}}

resource cluster{i} 'Microsoft.ContainerService/managedClusters@2024-02-01' = {{
  name: 'aks-{i}-${{location}}'
  location: location
  tags: {{ 'Business unit': 'BU0001', 'Application identifier': 'a0042' }}
  identity: {{ type: 'UserAssigned', userAssignedIdentities: {{ '${{identity{i}.id}}': {{}} }} }}
  properties: {{
    dnsPrefix: uniqueString(resourceGroup().id, 'aks-{i}')
    disableLocalAccounts: off
    agentPoolProfiles: [
      {{ name: 'np', count: count, minCount: count, maxCount: count + 2, vmSize: 'Standard_DS3_v2', availabilityZones: ['1', '2', '3'], nodeTaints: [], osDiskSizeGB: 120, osType: 'Linux', mode: 'System', orchestratorVersion: '1.30' }}
    ]
    networkProfile: {{ networkPlugin: 'azure', networkPolicy: 'azure', outboundType: empty(location) ? 'loadBalancer' : 'userDefinedRouting', loadBalancerSku: 'standard', serviceCidr: '172.16.0.0/16', dnsServiceIP: '172.16.0.10' }}
    aadProfile: {{ managed: true, enableAzureRBAC: true, adminGroupObjectIDs: [], tenantID: 'x' }}
    autoScalerProfile: {{ 'scan-interval': '10s', 'scale-down-delay-after-add': '10m', expander: 'random', 'max-graceful-termination-sec': '600' }}
  }}
}}
"
        ));
        json.push(format!(
            r#"{{"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "mi-{i}", "location": "[parameters('location')]"}}"#
        ));
        json.push(format!(
            r#"{{
      "type": "Microsoft.ContainerService/managedClusters",
      "apiVersion": "2024-02-01",
      "name": "[format('aks-{i}-{{0}}', parameters('location'))]",
      "location": "[parameters('location')]",
      "tags": {{ "Business unit": "BU0001", "Application identifier": "a0042" }},
      "identity": {{ "type": "UserAssigned", "userAssignedIdentities": {{ "[format('{{0}}', resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'mi-{i}'))]": {{}} }} }},
      "properties": {{
        "dnsPrefix": "[uniqueString(resourceGroup().id, 'aks-{i}')]",
        "disableLocalAccounts": "[parameters('off')]",
        "agentPoolProfiles": [
          {{
            "name": "np",
            "count": "[parameters('count')]",
            "minCount": "[parameters('count')]",
            "maxCount": "[add(parameters('count'), 2)]",
            "vmSize": "Standard_DS3_v2",
            "availabilityZones": ["1", "2", "3"],
            "nodeTaints": [],
            "osDiskSizeGB": 120,
            "osType": "Linux",
            "mode": "System",
            "orchestratorVersion": "1.30"
          }}
        ],
        "networkProfile": {{
          "networkPlugin": "azure",
          "networkPolicy": "azure",
          "outboundType": "[if(empty(parameters('location')), 'loadBalancer', 'userDefinedRouting')]",
          "loadBalancerSku": "standard",
          "serviceCidr": "172.16.0.0/16",
          "dnsServiceIP": "172.16.0.10"
        }},
        "aadProfile": {{ "managed": true, "enableAzureRBAC": true, "adminGroupObjectIDs": [], "tenantID": "x" }},
        "autoScalerProfile": {{ "scan-interval": "10s", "scale-down-delay-after-add": "10m", "expander": "random", "max-graceful-termination-sec": "600" }}
      }},
      "dependsOn": ["[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'mi-{i}')]"]
    }}"#
        ));
    }
    let json = format!(
        r#"{{"parameters": {{"location": {{"type": "string"}}, "count": {{"type": "int", "defaultValue": 3}}, "off": {{"type": "bool", "defaultValue": true}}}}, "resources": [{}]}}"#,
        json.join(",\n    ")
    );
    let texts = [("main.bicep".to_owned(), bicep), ("main.json".to_owned(), json)];
    Memory(texts.into_iter().collect(), Sources::new())
}

fn stamp(files: &Memory, cache: &TemplateCache, path: &str, region: &str) -> usize {
    let text = |text: &str| Value::string(text, Span::NONE);
    let context = Context {
        subscription: Some(text("00000000-1111-2222-3333-444444444444")),
        resource_group: Some(text("rg")),
        ..Context::default()
    };
    let set: [(Text, Value); 1] = [("location".into(), text(region))];
    let Ok(template) = cache.template(files, path) else { return 0 };
    let request = Request { parameters: &[], set: &set, context: &context, declared: Span::NONE, whole: true };
    deploy(&template, &request).resources.len()
}

#[divan::bench(args = ["main.bicep", "main.json"])]
fn first_stamp(bencher: Bencher<'_, '_>, path: &str) {
    let files = files();
    bencher.bench_local(|| stamp(&files, &TemplateCache::default(), path, "eastus2"));
}

#[divan::bench(args = ["main.bicep", "main.json"])]
fn further_stamp(bencher: Bencher<'_, '_>, path: &str) {
    let files = files();
    let cache = TemplateCache::default();
    stamp(&files, &cache, path, "eastus2");
    bencher.bench_local(|| stamp(&files, &cache, path, "westus3"));
}

#[divan::bench]
fn parse_compiled_with_serde_json(bencher: Bencher<'_, '_>) {
    let files = files();
    let text = files.0.get("main.json").cloned().unwrap_or_default();
    bencher.bench_local(|| serde_json::from_str::<serde_json::Value>(&text).is_ok());
}
