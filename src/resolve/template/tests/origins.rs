//! Places: what a person would edit, and the way from there.

use super::{Memory, resolve};
use crate::tree::{Path, StepKind, Value};

/// The place of a resource's value, and the steps from there on, earliest first, those of what holds it after its own.
fn way(files: &Memory, resource: usize, path: &str) -> (String, Vec<String>) {
    let deployment = resolve(files, &[]);
    assert!(deployment.problems.is_empty(), "{:?}", deployment.problems);
    let body = &deployment.resources[resource].body;
    let path = Path::dotted(path);
    let mut steps = Vec::new();
    for depth in (0..=path.0.len()).rev() {
        let value = body.at(&Path(path.0.iter().take(depth).cloned().collect())).expect("a value");
        let mut own: Vec<String> = value
            .origin
            .steps()
            .filter(|s| !matches!(s.kind, StepKind::Value))
            .map(|s| {
                let inputs: Vec<String> = s.inputs.iter().map(|i| files.place(i.span)).collect();
                let name = s.name.as_deref().unwrap_or("-");
                format!("{:?} {name} {} {}", s.kind, files.place(s.span), inputs.join(" & ")).trim_end().to_owned()
            })
            .collect();
        own.reverse();
        steps.extend(own);
    }
    (files.place(body.at(&path).expect("a value").span), steps)
}

const CLUSTER: &str = "
param local bool = true
param settings object = { local: false }
var chosen = settings.local
resource a 'A.B/c@1' = { name: 'a', properties: { off: local } }
resource b 'A.B/c@1' = { name: 'b', properties: { off: chosen } }
resource c 'A.B/c@1' = { name: 'c-${local}', properties: settings }
resource d 'A.B/c@1' = if (local) { name: 'd', properties: { off: local ? 'yes' : 'no' } }
resource e 'A.B/c@1' = { name: 'e', properties: union({ on: true }, settings) }
";

#[test]
fn a_default_is_the_place_without_a_file() {
    let files = Memory::new(&[("main.bicep", CLUSTER)]);
    assert_eq!(
        way(&files, 0, "properties.off"),
        ("main.bicep:2:20 true".to_owned(), vec!["Use local main.bicep:5:56 local".to_owned()])
    );
}

#[test]
fn the_value_in_the_file_is_the_place() {
    let files = Memory::new(&[
        ("main.bicep", CLUSTER),
        (
            "main.parameters.json",
            "{\"parameters\": {\n\"local\": {\"value\": true},\n\"settings\": {\"value\": {\"local\": true}}\n}}",
        ),
    ]);
    assert_eq!(
        way(&files, 0, "properties.off"),
        ("main.parameters.json:2:20 true".to_owned(), vec!["Use local main.bicep:5:56 local".to_owned()])
    );
    assert_eq!(
        way(&files, 1, "properties.off"),
        (
            "main.parameters.json:3:33 true".to_owned(),
            vec!["Use settings main.bicep:4:14 settings".to_owned(), "Use chosen main.bicep:6:56 chosen".to_owned()]
        )
    );
    assert_eq!(
        way(&files, 2, "properties.local"),
        ("main.parameters.json:3:33 true".to_owned(), vec!["Use settings main.bicep:7:58 settings".to_owned()])
    );
    let (place, steps) = way(&files, 2, "name");
    assert_eq!(place, "main.bicep:7:32 'c-${local}'");
    assert_eq!(steps, ["Composed - main.bicep:7:32 'c-${local}' main.parameters.json:2:20 true"]);
    // The literal of the branch taken, the condition, and what it reads; then the resource's own condition.
    let (place, steps) = way(&files, 3, "properties.off");
    assert_eq!(place, "main.bicep:8:75 'yes'");
    assert_eq!(
        steps,
        [
            "Condition - main.bicep:8:67 local ? 'yes' : 'no' main.parameters.json:2:20 true",
            "Condition - main.bicep:8:28 local main.parameters.json:2:20 true",
        ]
    );
    let (place, steps) = way(&files, 4, "properties.local");
    assert_eq!(place, "main.parameters.json:3:33 true");
    assert!(steps.iter().any(|s| s.starts_with("Use settings")), "{steps:?}");
}

#[test]
fn modules_are_further_places() {
    let module = "param off bool\nresource r 'A.B/c@1' = { name: 'r', properties: { off: off, fixed: 1 } }\n";
    let files = Memory::new(&[
        ("main.bicep", "param local bool\nmodule m 'm.bicep' = {\n  name: 'm'\n  params: { off: local }\n}\n"),
        ("m.bicep", module),
        ("main.bicepparam", "using 'main.bicep'\nparam local = false\n"),
    ]);
    assert_eq!(
        way(&files, 0, "properties.off"),
        (
            "main.bicepparam:2:15 false".to_owned(),
            vec![
                "Use local main.bicep:4:18 local".to_owned(),
                "Call off main.bicep:4:13 off".to_owned(),
                "Use off m.bicep:2:56 off".to_owned(),
                "Call m main.bicep:2:8 m".to_owned(),
            ]
        )
    );
    assert_eq!(
        way(&files, 0, "properties.fixed"),
        ("m.bicep:2:68 1".to_owned(), vec!["Call m main.bicep:2:8 m".to_owned()])
    );
}

#[test]
fn elements_of_a_loop_keep_their_places() {
    let files = Memory::new(&[(
        "main.json",
        r#"{"parameters": {"all": {"type": "array", "defaultValue": [
  {"name": "a", "off": true},
  {"name": "b", "off": false}
]}}, "resources": [{
  "type": "A.B/c", "apiVersion": "1", "name": "[parameters('all')[copyIndex()].name]",
  "copy": {"name": "each", "count": "[length(parameters('all'))]"},
  "properties": {"off": "[parameters('all')[copyIndex()].off]", "text": "[concat('x-', parameters('all')[0].name)]"}
}]}"#,
    )]);
    assert_eq!(way(&files, 1, "properties.off").0, "main.json:3:24 false");
    let (place, steps) = way(&files, 1, "properties.text");
    assert_eq!(place, "main.json:7:73 \"[concat('x-', parameters('all')[0].name)]\"");
    assert!(steps[0].contains("main.json:2:12 \"a\""), "{steps:?}");
}

#[test]
fn a_declared_property_of_another_resource_is_its_literal() {
    let files = Memory::new(&[(
        "main.bicep",
        "resource a 'A.B/c@1' = { name: 'a', location: 'here', properties: { size: 3 } }\nresource b 'A.B/c@1' = { name: 'b', location: a.location, properties: { size: a.properties.size } }\n",
    )]);
    assert_eq!(way(&files, 1, "properties.size").0, "main.bicep:1:75 3");
    assert_eq!(way(&files, 1, "location").0, "main.bicep:1:47 'here'");
}

#[test]
fn drift_follows_conditions() {
    let files = Memory::new(&[("main.bicep", CLUSTER)]);
    let deployment = resolve(&files, &[]);
    let off: &Value = deployment.resources[3].body.get("properties").and_then(|p| p.get("off")).expect("off");
    assert!(off.origin.leads_through(&mut |step| step.name.as_deref() == Some("local")));
    assert!(!off.origin.leads_through(&mut |step| step.name.as_deref() == Some("settings")));
}
