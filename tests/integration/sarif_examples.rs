//! The SARIF of every rule's failing examples, read back: by code scanning, which refuses a log that breaks its demands,
//! and by an editor, which selects regions and applies fixes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stamplint::app::examples;
use stamplint::app::session::{Outcome, Session};
use stamplint::report::{Format, Run, Shown, render};
use stamplint::rule::{Document, Effect, Example, Section};
use stamplint::source::Source;

fn log(outcome: &Outcome) -> Value {
    let run = Run {
        triaged: &outcome.triaged,
        fleet: &outcome.fleet,
        sources: &outcome.sources,
        catalogue: &outcome.catalogue,
        settings: &outcome.settings,
        summary: &outcome.summary,
        shown: Shown { undetermined: true, suppressed: true, exempt: true, all: true },
        threshold: Some(Effect::Deny),
        color: false,
        unicode: true,
        version: "0.0.0",
        working: "",
        prefix: "",
        category: None,
        links: None,
        notifications: &[],
    };
    serde_json::from_str(&render(Format::Sarif, &run)).unwrap()
}

/// The range of a region in a text, in bytes: lines end at `\n`, `\r\n` or `\r`, columns count UTF-16 units.
fn range(text: &str, region: &Value) -> Option<std::ops::Range<usize>> {
    let at = |line: &str, column: &str| {
        let (line, column) = (region[line].as_u64()?.checked_sub(1)?, region[column].as_u64()?.checked_sub(1)?);
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (i, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || *byte == b'\r' && bytes.get(i + 1) != Some(&b'\n') {
                starts.push(i + 1);
            }
        }
        let start = *starts.get(usize::try_from(line).ok()?)?;
        let mut units = 0;
        for (i, c) in text[start..].char_indices() {
            if units == column {
                return Some(start + i);
            }
            units += c.len_utf16() as u64;
        }
        (units == column).then_some(text.len())
    };
    let range = at("startLine", "startColumn")?..at("endLine", "endColumn")?;
    (range.start <= range.end).then_some(range)
}

fn decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| u8::from_str_radix(&uri[i + 1..i + 3], 16).unwrap());
        out.push(hex.unwrap_or(bytes[i]));
        i += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap()
}

fn source(outcome: &Outcome, artifact: &Value) -> Option<std::sync::Arc<Source>> {
    let path = decoded(artifact["uri"].as_str()?);
    outcome
        .triaged
        .findings
        .iter()
        .flat_map(|f| &f.places)
        .find_map(|label| outcome.sources.get(label.span.source).filter(|s| **s.path() == *path))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Every physical location of a result, in the order of the finding's labels first.
fn locations(result: &Value) -> Vec<&Value> {
    let flows =
        list(result, "codeFlows").iter().flat_map(|f| list(f, "threadFlows")).flat_map(|t| list(t, "locations"));
    let all = list(result, "locations").iter().chain(list(result, "relatedLocations"));
    all.chain(flows.map(|l| &l["location"])).map(|l| &l["physicalLocation"]).collect()
}

/// What code scanning refuses, and what an editor could not select.
fn faults(outcome: &Outcome, result: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    demand(list(result, "locations").len() == 1, "not one location".to_owned());
    let prints = result["partialFingerprints"].as_object().unwrap();
    demand(prints.values().all(|p| p.as_str().is_some_and(|p| p.len() >= 16)), "a fingerprint is short".to_owned());
    let message = result["message"]["text"].as_str().unwrap();
    demand(!message.is_empty() && !message.contains('\n'), format!("message `{message}`"));
    demand(locations(result).len() <= 100, "more locations than are shown".to_owned());
    // A link of the message leads to a related location.
    for (at, _) in message.match_indices("](") {
        let id: String = message[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        let id: Option<u64> = id.parse().ok();
        let known = list(result, "relatedLocations").iter().any(|l| id.is_some() && l["id"].as_u64() == id);
        demand(known, format!("link {id:?} leads nowhere"));
    }
    for place in locations(result) {
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        demand(!uri.starts_with('/') && !uri.contains("..") && !uri.contains('\\'), format!("uri {uri}"));
        let Some(source) = source(outcome, &place["artifactLocation"]) else {
            demand(place.get("region").is_none(), format!("no such file: {uri}"));
            continue;
        };
        let text = source.text();
        let Some(range) = range(text, &place["region"]) else {
            demand(false, format!("no such region in {uri}: {}", place["region"]));
            continue;
        };
        let labels = outcome.triaged.findings.iter().flat_map(|f| &f.places);
        let exact = labels.filter(|l| l.span.source == source.id()).any(|l| l.span.range() == range);
        demand(exact, format!("{uri} {} selects `{}`, which no label marks", place["region"], &text[range.clone()]));
        let snippet = place["region"]["snippet"]["text"].as_str().unwrap_or_default();
        let whole =
            snippet.strip_suffix('…').map_or(snippet == &text[range.clone()], |s| text[range.clone()].starts_with(s));
        demand(whole || snippet.contains("***"), format!("{uri}: snippet `{snippet}` of `{}`", &text[range]));
    }
    faults
}

/// The files of an example once an editor has applied a fix.
fn fixed(example: &Example, fix: &Value) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        example.files.iter().map(|f| (f.path.to_string(), f.text.to_string())).collect();
    for change in list(fix, "artifactChanges") {
        let path = decoded(change["artifactLocation"]["uri"].as_str().unwrap());
        let text = files.get_mut(&path).unwrap_or_else(|| panic!("{path}"));
        let mut edits: Vec<(std::ops::Range<usize>, &str)> = list(change, "replacements")
            .iter()
            .map(|r| (range(text, &r["deletedRegion"]).unwrap(), r["insertedContent"]["text"].as_str().unwrap()))
            .collect();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, new) in edits {
            text.replace_range(range, new);
        }
    }
    files
}

/// Place and rule of results, as an editor lists them.
fn kept(result: &Value) -> String {
    format!("{} {}", result["ruleId"], result["partialFingerprints"]["place/v1"])
}

fn after(session: &Session, rule: &Document, example: &Example, result: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for fix in list(result, "fixes") {
        let files = fixed(example, fix);
        match examples::judge(session, rule, files.iter().map(|(p, t)| (p.as_str(), t.as_str()))) {
            Ok(outcome) => {
                let log = log(&outcome);
                if list(&log["runs"][0], "results").iter().any(|r| r["kind"] == "fail" && kept(r) == kept(result)) {
                    faults.push(format!("`{}` does not fix it:\n{files:#?}", fix["description"]["text"]));
                }
            }
            Err(why) => faults.push(format!("`{}` breaks it: {why}", fix["description"]["text"])),
        }
    }
    faults
}

#[test]
fn every_failing_example_reads_back_and_every_fix_fixes() {
    let session = Session::new().unwrap();
    let mut results: Vec<Value> = Vec::new();
    let mut faulty = Vec::new();
    let (mut frame, mut fixes, mut flows) = (Value::Null, 0, 0);
    for rule in session.catalogue().documents() {
        for example in rule.examples().iter().filter(|e| e.section != Section::Passes) {
            let outcome = examples::outcome(&session, rule, example).unwrap();
            let log = log(&outcome);
            let said = |fault: String| format!("{} `{}`: {fault}", rule.id, example.title);
            let mut prints = BTreeSet::new();
            for result in list(&log["runs"][0], "results") {
                faulty.extend(faults(&outcome, result).into_iter().map(said));
                faulty.extend(after(&session, rule, example, result).into_iter().map(said));
                if !prints.insert((kept(result), result["message"]["text"].to_string())) {
                    faulty.push(said("two results with one fingerprint and message".to_owned()));
                }
                fixes += list(result, "fixes").len();
                flows += list(result, "codeFlows").len();
            }
            results.extend(list(&log["runs"][0], "results").iter().cloned());
            frame = log;
        }
    }
    assert!(faulty.is_empty(), "{} faults:\n{}", faulty.len(), faulty.join("\n"));
    assert!(results.len() > 200 && fixes > 20 && flows > 5, "{} {fixes} {flows}", results.len());
    // All of them in one log, held against the schema once.
    for result in &mut results {
        result.as_object_mut().unwrap().remove("ruleIndex");
    }
    frame["runs"][0]["results"] = Value::Array(results);
    let schema =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/sarif/sarif-schema-2.1.0.json"));
    // The published pattern of language tags has a bracket too many, which is no regular expression.
    let schema = schema.unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let validator = jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(&schema).unwrap());
    let errors: Vec<String> = validator.unwrap().iter_errors(&frame).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
