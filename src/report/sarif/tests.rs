//! What SARIF's readers rely on: the schema, code scanning's own demands, and regions that select the very text.

use serde_json::Value;

use super::*;
use crate::report::testing::{Stage, label};
use crate::report::{Notification, Shown};
use crate::rule::Verdict;
use crate::source::Span;
use crate::triage::{Accepted, Role, SetAside};

fn log(run: &Run<'_>) -> Value {
    let text = render(run);
    let log: Value = serde_json::from_str(&text).unwrap();
    valid(&log);
    log
}

fn valid(log: &Value) {
    #[allow(clippy::disallowed_methods, reason = "a test reads the schema")]
    let schema =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/sarif/sarif-schema-2.1.0.json"))
            .unwrap();
    // The published pattern of language tags has a bracket too many, which is no regular expression.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let validator =
        jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(log).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

/// Cuts a region out of a file as an editor does: lines end at `\n`, `\r\n` or `\r`, columns count UTF-16 units.
fn selected(text: &str, region: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut starts = vec![0];
    let mut i = 0;
    while i < units.len() {
        if units[i] == 13 && units.get(i + 1) == Some(&10) {
            i += 1;
        }
        if units[i] == 10 || units[i] == 13 {
            starts.push(i + 1);
        }
        i += 1;
    }
    let at = |line: &str, column: &str| {
        starts[region[line].as_u64().unwrap() as usize - 1] + region[column].as_u64().unwrap() as usize - 1
    };
    String::from_utf16(&units[at("startLine", "startColumn")..at("endLine", "endColumn")]).unwrap()
}

#[test]
fn a_finding_is_a_result_with_its_way_its_stamps_and_its_fix() {
    let stage = Stage::with_local_accounts(&["centralus", "eastus2"], &[0]);
    let log = log(&stage.run());
    let result = &results(&log)[0];
    assert_eq!(result["ruleId"], "local-accounts-enabled");
    assert_eq!((&result["level"], &result["kind"]), (&"error".into(), &"fail".into()));
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "local-accounts-enabled");
    assert_eq!(
        result["message"]["text"],
        "local accounts are not disabled on cluster `aks`. Stamp: centralus (1 of 2; eastus2 holds). See: [used here](1). \
         Help: Entra ID is then the only way in: set `disableLocalAccounts` to true"
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "params/azuredeploy.parameters.centralus.json");
    assert_eq!(place["region"]["startLine"], 3);
    assert_eq!(place["region"]["startColumn"], 40);
    assert_eq!(place["region"]["snippet"]["text"], "false");
    assert_eq!(result["relatedLocations"][0]["id"], 1);
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "cluster-stamp.bicep");
    let flow = &result["codeFlows"][0]["threadFlows"][0]["locations"];
    assert_eq!(flow.as_array().unwrap().len(), 2);
    assert_eq!(result["properties"]["stamps"], serde_json::json!(["centralus"]));
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "true");
    assert_eq!(change["replacements"][0]["deletedRegion"]["endColumn"], 45);
    assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
}

#[test]
fn every_active_rule_is_described_whether_it_found_anything_or_not() {
    let stage = Stage::new(&["a"]);
    let log = log(&stage.run());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["local-accounts-enabled", "mutable-image-tag", "not-analysed"]);
    let rule = &rules[0];
    assert_eq!(rule["name"], "LocalAccountsEnabled");
    assert_eq!(rule["shortDescription"]["text"], "Local accounts are enabled");
    assert_eq!(rule["fullDescription"]["text"], "A local account has no name that can be traced.");
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
    assert_eq!(rule["properties"]["security-severity"], "8.0");
    assert_eq!(
        rule["properties"]["tags"],
        serde_json::json!(["security", "cluster", "scope/resource", "cis-aks/5.5.1"])
    );
    assert_eq!(rules[2]["properties"]["tags"][0], "correctness");
    let help = rule["help"]["markdown"].as_str().unwrap();
    assert!(help.contains("## How to fix\n\nEntra ID is then") && !help.contains("## Fails"), "{help}");
    assert!(results(&log).is_empty());
}

#[test]
fn each_region_selects_the_very_text() {
    let texts = [
        ("plain.yaml", "a: 1\nimage: nginx:latest\n"),
        ("crlf.yaml", "a: 1\r\nimage: nginx:latest\r\nb: 2\r\n"),
        ("cr.yaml", "a: 1\rimage: nginx:latest\rb: 2\r"),
        ("wide.yaml", "ä: 𝒳𝒴 # 𝒵\n𝒦ey: {ü: '𝒳', image: nginx:latest} # é\n"),
        ("folder with/ü#.yaml", "x: [日本, nginx:latest]\n"),
    ];
    let mut stage = Stage::new(&["a"]);
    for (path, text) in texts {
        let source = stage.sources.add(path, text);
        stage.find("mutable-image-tag", "moves", &[0]).places = vec![label(&source, "nginx:latest", Role::Fix, "")];
    }
    let log = log(&stage.run());
    for (result, (path, text)) in results(&log).iter().zip(texts) {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(selected(text, &place["region"]), "nginx:latest", "{path}");
        assert_eq!(place["region"]["snippet"]["text"], "nginx:latest");
    }
    assert_eq!(
        results(&log)[4]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "folder%20with/%C3%BC%23.yaml"
    );
}

#[test]
fn what_is_not_sure_is_for_review_and_only_on_request() {
    let mut stage = Stage::new(&["a"]);
    stage.find("local-accounts-enabled", "not known", &[0]).verdict = Verdict::Undetermined;
    assert!(results(&log(&stage.run())).is_empty());
    stage.shown.undetermined = true;
    let log = log(&stage.run());
    let result = &results(&log)[0];
    assert_eq!((&result["kind"], &result["level"]), (&"review".into(), &"none".into()));
    assert_eq!(result["properties"]["verdict"], "undetermined");
    // Code scanning wants a file even for what lies in none.
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], ".");
}

#[test]
fn suppressed_findings_carry_their_justification() {
    let mut stage = Stage::new(&["a"]);
    let source = stage.sources.add("a.yaml", "# allow\nimage: x\n");
    let span = source.span(0, 7);
    let finding = stage.find("mutable-image-tag", "moves", &[0]);
    finding.set_aside =
        Some(SetAside::Suppressed(Accepted { reason: "pinned upstream".into(), until: None, span, in_source: true }));
    assert!(results(&log(&stage.run())).is_empty());
    stage.shown = Shown { suppressed: true, ..Shown::default() };
    let log = log(&stage.run());
    let suppression = &results(&log)[0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["justification"]), (&"inSource".into(), &"pinned upstream".into()));
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 1);
}

#[test]
fn secrets_are_masked_in_snippets() {
    let mut stage = Stage::new(&["a"]);
    let source = stage.sources.add("s.yaml", "data: {key: c2VjcmV0}\n");
    source.redact(source.span(12, 20));
    stage.find("mutable-image-tag", "m", &[0]).places =
        vec![label(&source, "key: c2VjcmV0", Role::Fix, ""), label(&source, "c2VjcmV0", Role::Other, "here")];
    let text = render(&stage.run());
    assert!(!text.contains("c2VjcmV0") && text.contains("\"text\":\"key: ***\""), "{text}");
}

#[test]
fn the_run_itself_is_told_in_notifications() {
    let mut stage = Stage::new(&["a"]);
    stage.notifications.push(Notification::error("nothing to check"));
    stage.summary.inferred.push("stamp `a` from its name".into());
    stage
        .triaged
        .notes
        .push(crate::rule::Note { rule: "mutable-image-tag".into(), message: "digests were not compared".into() });
    let log = log(&stage.run());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notifications[0]["level"], "error");
    assert_eq!(notifications[1]["message"]["text"], "inferred: stamp `a` from its name");
    assert_eq!(notifications[2]["associatedRule"]["id"], "mutable-image-tag");
}

#[test]
fn what_the_limits_drop_is_said() {
    let mut stage = Stage::new(&["a"]);
    for i in 0..5 {
        stage.find("mutable-image-tag", &format!("tag {i}"), &[0]);
    }
    stage.find("local-accounts-enabled", "worst", &[0]);
    let text = render_within(&stage.run(), limits::Limits { results: 2, bytes: 1_000_000 });
    let log: Value = serde_json::from_str(&text).unwrap();
    valid(&log);
    assert_eq!(results(&log).len(), 2);
    assert_eq!(results(&log)[1]["ruleId"], "local-accounts-enabled");
    let said = log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(said.starts_with("4 of 6 findings are left out"), "{said}");
}

#[test]
fn paths_begin_at_the_repository_and_parts_have_categories() {
    let mut stage = Stage::new(&["a"]);
    let source = stage.sources.add("a[1].yaml", "image: x\n");
    stage.find("mutable-image-tag", "item [0] moves", &[0]).places = vec![label(&source, "x", Role::Fix, "")];
    let log = log(&Run { prefix: "deploy/fleet", category: Some("shard-1-of-4"), ..stage.run() });
    let result = &results(&log)[0];
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "deploy/fleet/a%5B1%5D.yaml");
    assert!(result["message"]["text"].as_str().unwrap().starts_with(r"item \[0\] moves"));
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "stamplint/shard-1-of-4/");
}

#[test]
fn an_empty_span_is_a_region_without_snippet() {
    let mut stage = Stage::new(&["a"]);
    let source = stage.sources.add("empty.yaml", "");
    let mut place = label(&source, "", Role::Fix, "");
    place.span = Span::new(source.id(), 0, 0);
    stage.find("mutable-image-tag", "m", &[0]).places = vec![place];
    let log = log(&stage.run());
    let region = &results(&log)[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["endColumn"].as_u64()), (Some(1), Some(1)));
}
