//! Deployments that are written as resources, modules of a turn that nobody knows, and what the compiler refuses.

use serde_json::{Value as Json, json};

use super::{Memory, resolve};

const EXTENDING: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "on": { "type": "string" }, "name": { "type": "string" } },
  "resources": [{
    "type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01",
    "scope": "[parameters('on')]", "name": "[parameters('name')]", "properties": { "level": "CanNotDelete" }
  }],
  "outputs": { "id": { "type": "string", "value": "[extensionResourceId(parameters('on'), 'Microsoft.Authorization/locks', parameters('name'))]" } }
}"#;

fn found(files: &[(&str, &str)]) -> (Vec<String>, Json, Vec<String>) {
    let files = Memory::new(files);
    let deployment = resolve(&files, &[]);
    let ids = deployment.resources.iter().map(|r| super::super::shown(&r.id).to_string()).collect();
    let outputs = deployment.outputs.iter().map(|e| (e.key.to_string(), e.value.to_json())).collect();
    let problems = deployment.problems.iter().map(|p| format!("{} | {}", files.place(p.span), p.detail)).collect();
    (ids, Json::Object(outputs), problems)
}

const GROUP: &str = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg";

#[test]
fn a_deployment_written_as_a_resource_deploys_its_template() {
    let lock = format!("{GROUP}/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/locks/l");
    for template in ["loadJsonContent('lock.json')", "held"] {
        let text = format!(
            "
var held = loadJsonContent('lock.json')
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {{ name: 'v' }}
resource d 'Microsoft.Resources/deployments@2024-03-01' = {{
  name: 'd'
  properties: {{
    mode: 'Incremental'
    template: {template}
    parameters: {{ on: {{ value: vault.id }}, name: {{ value: 'l' }} }}
  }}
}}
output id string = d.properties.outputs.id.value
output own string = d.id
output version string = d.apiVersion
"
        );
        let (ids, outputs, problems) = found(&[("main.bicep", &text), ("lock.json", EXTENDING)]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(ids.first(), Some(&lock));
        let own = format!("{GROUP}/providers/Microsoft.Resources/deployments/d");
        assert_eq!(outputs, json!({ "id": lock, "own": own, "version": "2024-03-01" }));
    }
}

#[test]
fn a_template_written_out_may_hold_expressions_of_both() {
    let text = "
param name string = 'one'
resource d 'Microsoft.Resources/deployments@2024-03-01' = if (name != 'two') {
  name: 'd'
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      variables: { sku: 'Standard' }
      resources: [
        { type: 'A.B/c', apiVersion: '1', name: name, sku: { name: '[variables(\\'sku\\')]' } }
      ]
    }
  }
}
";
    let files = Memory::new(&[("main.bicep", text)]);
    let deployment = resolve(&files, &[]);
    assert!(deployment.problems.is_empty(), "{:?}", deployment.problems);
    let [resource] = deployment.resources.as_slice() else { panic!("{:?}", deployment.resources) };
    assert_eq!(resource.name.as_str(), Some("one"));
    assert_eq!(resource.body.get("sku").unwrap().get("name").unwrap().as_str(), Some("Standard"));
}

#[test]
fn a_template_that_nobody_knows_is_not_analysed() {
    let text = "
param template object
resource d 'Microsoft.Resources/deployments@2024-03-01' = {
  name: 'd'
  properties: { mode: 'Incremental', template: template }
}
output x string = d.properties.outputs.y.value
";
    let (_, outputs, problems) = found(&[("main.bicep", text)]);
    assert!(problems.iter().any(|p| p.contains("is not known before the deployment")), "{problems:?}");
    assert!(outputs["x"].get("$unknown").is_some());
}

#[test]
fn a_turn_that_nobody_knows_names_what_is_waited_for() {
    let module = "output y string = 'z'\n";
    let (_, outputs, problems) = found(&[
        (
            "main.bicep",
            "
param at int
module m 'm.bicep' = [for i in range(0, 3): { name: 'm-${i}' }]
output x string = m[at].outputs.y
output last string = m[2].outputs.y
",
        ),
        ("m.bicep", module),
    ]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(outputs["last"], "z");
    let from = format!("{GROUP}/providers/Microsoft.Resources/deployments/m-….outputs.y");
    assert_eq!(outputs["x"], json!({ "$unknown": { "reason": "runtime", "from": from } }));
}

#[test]
fn what_has_to_be_known_at_the_start() {
    let head = "
param names array = ['a']
resource a 'A.B/c@1' = { name: 'a', properties: { x: 'y' } }
resource many 'A.B/c@1' = [for n in names: { name: 'x${n}' }]
module m 'm.bicep' = { name: 'm' }
var late = a.properties.x
";
    let module = ("m.bicep", "output names array = ['a']\noutput on bool = true\n");
    for (text, expected) in [
        ("resource r 'A.B/c@1' = { name: a.properties.x }", "`properties` of `a`"),
        ("resource r 'A.B/c@1' = { name: '${late}-1' }", "`properties` of `a`"),
        ("resource r 'A.B/c@1' = { name: many[0].properties.x }", "`properties` of `many`"),
        ("resource r 'A.B/c@1' = if (m.outputs.on) { name: 'r' }", "`outputs` of `m`"),
        ("resource r 'A.B/c@1' = [for n in m.outputs.names: { name: n }]", "`outputs` of `m`"),
        ("module r 'm.bicep' = { name: 'r-${m.outputs.on}' }", "`outputs` of `m`"),
        ("var r = [for n in names: { v: a.properties.x }]", "`properties` of `a`"),
        ("resource r 'A.B/c@1' = { name: reference(a.id).x }", "what `reference` gives"),
        // All of these are known.
        ("resource r 'A.B/c@1' = { name: 'r-${a.name}' }", ""),
        ("resource r 'A.B/c@1' = { name: guid(a.id, many[0].id) }", ""),
        ("resource r 'A.B/c@1' = if (!empty(a.id)) { name: 'r', properties: { v: m.outputs.on } }", ""),
        ("resource r 'A.B/c@1' existing = { name: m.outputs.names[0] }", ""),
        ("var r = { v: a.properties.x }", ""),
        ("output r array = [for n in names: a.properties.x]", ""),
        ("module r 'm.bicep' = [for n in names: { name: 'r-${n}' }]", ""),
    ] {
        let (_, _, problems) = found(&[("main.bicep", &format!("{head}{text}\n")), module]);
        match expected {
            "" => assert_eq!(problems, Vec::<String>::new(), "{text}"),
            expected => {
                assert!(
                    problems.iter().any(|p| p.contains("when the deployment starts") && p.contains(expected)),
                    "{text}: {problems:?}"
                );
            }
        }
    }
}

#[test]
fn scopes_names_and_twins() {
    let group = ("group.bicep", "resource x 'A.B/c@1' = { name: 'x' }\n");
    let subscription = ("sub.bicep", "targetScope = 'subscription'\noutput x string = 'y'\n");
    for (text, expected) in [
        ("module m 'sub.bicep' = { name: 'm' }", "is for a subscription, and it is deployed to a resource group"),
        ("targetScope = 'subscription'\nmodule m 'group.bicep' = { name: 'm' }", "is for a resource group"),
        ("module m 'group.bicep' = { name: 'm', scope: tenant() }", "deployed to the tenant"),
        ("module m 'sub.bicep' = { name: 'm', scope: subscription() }", ""),
        ("targetScope = 'subscription'\nmodule m 'group.bicep' = { name: 'm', scope: resourceGroup('g') }", ""),
        (
            "targetScope = 'subscription'\nresource g 'Microsoft.Resources/resourceGroups@2024-03-01' = { name: 'g', location: 'x' }\nmodule m 'group.bicep' = { name: 'm', scope: g }",
            "",
        ),
        (
            "module m 'group.bicep' = { name: 'm' }\nmodule n 'group.bicep' = { name: 'm' }",
            "two deployments of one name",
        ),
        (
            "module m 'group.bicep' = { name: 'm' }\nmodule n 'group.bicep' = { name: 'm', scope: resourceGroup('other') }",
            "",
        ),
        ("module m 'group.bicep' = if (1 == 1) { name: 'm' }\nmodule n 'group.bicep' = if (1 == 2) { name: 'm' }", ""),
        (
            "resource a 'A.B/c@1' = { name: 'x' }\nresource b 'A.B/c@1' = { name: 'X' }",
            "makes `X` of the type `A.B/c` twice",
        ),
        ("resource a 'A.B/c@1' = { name: 'x' }\nresource b 'A.B/c@1' existing = { name: 'x' }", ""),
        ("resource a 'A.B/c@1' = { name: 'x' }\nresource b 'A.B/d@1' = { name: 'x' }", ""),
        ("resource a 'A.B/c@1' = [for i in range(0, 2): { name: 'x' }]", "twice"),
        (
            "resource a 'A.B/c/d@1' = { name: 'x' }",
            "a name of the type `A.B/c/d` has 2 parts between slashes, and `x` has 1",
        ),
        ("resource a 'A.B/c@1' = { name: 'x/y' }", "a name of the type `A.B/c` has 1 part, and `x/y` has 2"),
        ("resource a 'A.B/c/d@1' = { name: 'x/y' }", ""),
        ("resource p 'A.B/c@1' existing = { name: 'x' }\nresource a 'A.B/c/d@1' = { parent: p, name: 'y' }", ""),
    ] {
        let (_, _, problems) = found(&[("main.bicep", &format!("{text}\n")), group, subscription]);
        match expected {
            "" => assert_eq!(problems, Vec::<String>::new(), "{text}"),
            expected => {
                assert_eq!(problems.len(), 1, "{text}: {problems:?}");
                assert!(problems[0].contains(expected), "{text}: {problems:?}");
            }
        }
    }
}
