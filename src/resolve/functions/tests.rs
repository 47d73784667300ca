//! The cases of `testdata/functions/cases.txt`, and the document that lists the functions against them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::resolve::context::Scope;
use crate::tree::{Entry, Part, Reason, StepKind, Unknown, WaitsFor};

const CASES: &str = include_str!("../../../testdata/functions/cases.txt");
const DOCUMENT: &str = include_str!("../../../docs/functions.md");

fn unknown(reason: &str) -> Unknown {
    match reason {
        "parameter" => Unknown::new(Reason::MissingParameter, WaitsFor::Parameter("p".into())),
        "context" => Context::missing("subscription"),
        "runtime" => Unknown::new(Reason::Runtime, WaitsFor::Nothing),
        other => panic!("{other}"),
    }
}

/// A value from JSON in which `$unknown` and `$parts` stand for gaps.
fn value(json: &Value) -> Value {
    let gap = |v: &Value| v.get("$unknown").map(|reason| unknown(reason.as_str().unwrap()));
    match &json.kind {
        Kind::List(list) => Value::list(list.iter().map(value).collect(), Span::NONE),
        Kind::Map(_) if gap(json).is_some() => Value::unknown(gap(json).unwrap(), Span::NONE),
        Kind::Map(map) => match map.get("$parts") {
            Some(parts) => {
                let parts = parts.items().iter().map(|part| match part.as_str() {
                    Some(text) => Part::Text(text.into()),
                    None => Part::Unknown(gap(part).unwrap().into()),
                });
                Value::new(Kind::Parts(parts.collect()), Span::NONE)
            }
            None => {
                let entries = map.iter().map(|e| Entry::new(e.key.clone(), Span::NONE, value(&e.value)));
                Value::map(entries.collect(), Span::NONE)
            }
        },
        other => Value::new(other.clone(), Span::NONE),
    }
}

fn read(json: &str) -> Value {
    let parsed = call("json", &[Value::string(json, Span::NONE)], Span::NONE, &Context::default());
    value(&parsed.unwrap_or_else(|e| panic!("{json}: {e}")))
}

fn show(value: &Value) -> String {
    let text = |s: &str| serde_json::to_string(s).unwrap();
    let unknown = |u: &Unknown| format!("{{\"$unknown\":\"{}\"}}", u.reason.id());
    match &value.kind {
        Kind::Null => "null".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => text(s),
        Kind::Unknown(u) => unknown(u),
        Kind::Parts(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Text(s) => text(s),
                Part::Unknown(u) => unknown(u),
            });
            format!("{{\"$parts\":[{}]}}", parts.collect::<Vec<_>>().join(","))
        }
        Kind::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
        Kind::Map(map) => {
            let entries = map.iter().map(|e| format!("{}:{}", text(&e.key), show(&e.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}

fn full() -> Context {
    let text = |s: &str| Some(Value::string(s, Span::NONE));
    Context {
        subscription: text("87d64d6d-6d17-4ad7-b507-16d9bc498781"),
        tenant: text("d4c73686-f7cd-458e-b377-67adcd46b624"),
        resource_group: text("testRg"),
        location: text("eastus2"),
        management_group: text("testMg"),
        time: text("2019-03-05T17:53:18Z"),
        seed: text("seed"),
        variables: vec![Entry::new("STAMP", Span::NONE, Value::string("one", Span::NONE))],
        ..Context::default()
    }
}

fn context(name: &str) -> Context {
    let scoped = |scope| Context { scope, ..full() };
    match name {
        "none" => Context::default(),
        "full" => full(),
        "subscription" => scoped(Scope::Subscription),
        "managementGroup" => scoped(Scope::ManagementGroup),
        "tenant" => scoped(Scope::Tenant),
        other => panic!("{other}"),
    }
}

struct Case<'t> {
    line: usize,
    name: &'t str,
    args: &'t str,
    expected: &'t str,
    source: &'t str,
    cx: Context,
}

fn cases() -> Vec<Case<'static>> {
    let mut cx = full();
    let mut cases = Vec::new();
    for (i, line) in CASES.lines().enumerate() {
        if let Some(name) = line.strip_prefix("@context ") {
            cx = context(name);
        } else if !line.is_empty() && !line.starts_with('#') {
            let [name, args, expected, source] = line.split(" | ").collect::<Vec<_>>()[..] else {
                panic!("line {}: {line}", i + 1)
            };
            cases.push(Case { line: i + 1, name, args, expected, source, cx: cx.clone() });
        }
    }
    cases
}

#[test]
fn the_cases_hold() {
    let mut wrong = Vec::new();
    for case in cases() {
        let args = read(case.args);
        let given = match call(case.name, args.items(), Span::NONE, &case.cx) {
            Ok(value) => show(&value),
            Err(failure) => match failure.kind {
                FailureKind::UnknownFunction => "!unknown-function",
                FailureKind::Arguments => "!arguments",
                FailureKind::Value => "!value",
                FailureKind::Raised => "!raised",
                FailureKind::Limit => "!limit",
            }
            .to_owned(),
        };
        if given != case.expected {
            wrong.push(format!(
                "line {}: {}({})\n  gives {given}\n  not   {}",
                case.line, case.name, case.args, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Each function has its row in the document, and the row names the sources that its cases give.
#[test]
fn the_document_lists_each_function_and_its_sources() {
    let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        if let Some(function) = lookup(case.name).or_else(|| operation(case.name)) {
            sources.entry(function.name).or_default().insert(case.source);
        }
    }
    let mut rows: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for line in DOCUMENT.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, from, unknowns] = cells[..] else { panic!("{line}") };
        rows.insert(name.trim_matches('`'), (from, unknowns));
    }
    for function in all() {
        let Some((from, unknowns)) = rows.remove(function.name) else {
            panic!("`{}` has no row in docs/functions.md", function.name)
        };
        assert!(!unknowns.is_empty(), "{}", function.name);
        if let Body::Eager(_) = function.body {
            let given: BTreeSet<&str> = from.split(", ").collect();
            assert_eq!(Some(&given), sources.get(function.name), "sources of `{}`", function.name);
        }
    }
    assert!(rows.is_empty(), "no such functions: {rows:?}");
}

/// Whatever the arguments are, a function answers: it neither panics nor hangs.
#[test]
fn no_arguments_break_a_function() {
    let odd = [
        "null",
        "true",
        "-1",
        "9223372036854775807",
        "0.5",
        "\"\"",
        "\"a/b😀{0,9}%zz\"",
        "\"2020-02-30T25:61:00Z\"",
        "\"10.0.0.0/8\"",
        "\"-P1Y\"",
        "[]",
        "[1,\"a\",{\"$unknown\":\"parameter\"}]",
        "{\"a\":{\"b\":null}}",
        "{\"$unknown\":\"context\"}",
        "{\"$parts\":[\"x{\",{\"$unknown\":\"parameter\"},\"}\"]}",
    ]
    .map(read);
    let contexts = [Context::default(), full()];
    let mut answered = 0;
    for function in all() {
        for first in &odd {
            for second in &odd {
                for third in &odd {
                    let args = [first.clone(), second.clone(), third.clone()];
                    let takes = function.most.min(3);
                    if takes < 3 && !third.is_null() || takes < 2 && !second.is_null() {
                        continue;
                    }
                    for cx in &contexts {
                        let args = args.get(..takes).unwrap_or_default();
                        answered += usize::from(function.call(args, Span::NONE, cx).is_ok());
                    }
                }
            }
        }
    }
    assert!(answered > 10_000, "{answered}");
}

#[test]
fn deep_and_large_values_meet_a_limit() {
    let site = Span::NONE;
    let cx = Context::default();
    let kind = |outcome: Result<Value, Failure>| outcome.map(|_| ()).map_err(|f| f.kind);
    let deep = (0..5_000).fold(Value::null(site), |inner, _| Value::list(vec![inner], site));
    assert_eq!(kind(call("string", std::slice::from_ref(&deep), site, &cx)), Err(FailureKind::Limit));
    assert_eq!(kind(call("equals", &[deep.clone(), deep], site, &cx)), Err(FailureKind::Limit));
    let nested = Value::string("[".repeat(100_000), site);
    assert_eq!(kind(call("json", &[nested], site, &cx)), Err(FailureKind::Limit));
    let long = Value::string("ab".repeat(1 << 20), site);
    let replaced = call("replace", &[long.clone(), Value::string("a", site), long.clone()], site, &cx);
    assert_eq!(kind(replaced), Err(FailureKind::Limit));
    let commas = Value::string(",".repeat(1 << 20), site);
    assert_eq!(kind(call("split", &[commas, Value::string(",", site)], site, &cx)), Err(FailureKind::Limit));
    let many = Value::list(vec![Value::null(site); 60_000], site);
    assert_eq!(kind(call("concat", &[many.clone(), many], site, &cx)), Err(FailureKind::Limit));
    assert_eq!(kind(call("concat", &[long.clone(), long.clone(), long], site, &cx)), Err(FailureKind::Limit));
}

/// Parts that pass through a function keep their places; what it makes stands at the call and names its inputs.
#[test]
fn places_pass_through() {
    let sources = crate::source::Sources::new();
    let file = sources.add("parameters.json", "0123456789012345678901234567890123456789");
    let template = sources.add("main.bicep", "concat(a, 'x')......................");
    let site = template.span(0, 14);
    let at = |n: usize| file.span(n, n + 1);
    let text = |s: &str, n: usize| Value::string(s, at(n));
    let used = |value: Value| {
        let origin = value.origin.then_named(StepKind::Use, template.span(7, 8), "a");
        value.with_origin(origin)
    };
    let cx = Context::default();
    let run = |name: &str, args: &[Value]| call(name, args, site, &cx).unwrap();

    let list = used(Value::list(vec![text("a", 1), text("b", 2), text("a", 3)], file.span(0, 5)));
    let other = Value::list(vec![text("c", 11), text("b", 12)], file.span(10, 14));
    assert_eq!(run("first", std::slice::from_ref(&list)).span, at(1));
    assert_eq!(run("last", std::slice::from_ref(&list)).span, at(3));
    let spans = |v: &Value| v.items().iter().map(|i| i.span).collect::<Vec<_>>();
    assert_eq!(spans(&run("take", &[list.clone(), read("2")])), [at(1), at(2)]);
    assert_eq!(spans(&run("skip", &[list.clone(), read("1")])), [at(2), at(3)]);
    assert_eq!(spans(&run("concat", &[list.clone(), other.clone()])), [at(1), at(2), at(3), at(11), at(12)]);
    assert_eq!(spans(&run("union", &[list.clone(), other.clone()])), [at(1), at(2), at(11)]);
    assert_eq!(spans(&run("intersection", &[list.clone(), other.clone()])), [at(2)]);
    assert_eq!(spans(&run("distinct", std::slice::from_ref(&list))), [at(1), at(2)]);
    assert_eq!(run("max", &[Value::int(1, at(1)), Value::int(2, at(2))]).span, at(2));
    assert_eq!(run("string", &[text("a", 4)]).span, at(4));

    let entry = |k: &str, n: usize, v: Value| Entry::new(k, at(n), v);
    let a = Value::map(vec![entry("k", 20, text("old", 21)), entry("l", 22, text("l", 23))], file.span(20, 24));
    let b = Value::map(vec![entry("K", 30, text("new", 31))], file.span(30, 32));
    let merged = run("union", &[a.clone(), b]);
    let k = merged.as_map().unwrap().entry("k").unwrap();
    assert_eq!((k.key_span, k.value.span, k.value.as_str()), (at(30), at(31), Some("new")));
    let items = run("items", std::slice::from_ref(&a));
    assert_eq!(items.items()[0].get("key").unwrap().span, at(20));
    assert_eq!(items.items()[0].get("value").unwrap().span, at(21));

    let made = run("concat", &[used(text("a", 1)), Value::string("x", template.span(10, 13))]);
    assert_eq!(made.span, site);
    let step = made.origin.steps().next().unwrap();
    assert_eq!(step.kind, StepKind::Composed);
    assert_eq!(step.inputs.iter().map(|i| i.span).collect::<Vec<_>>(), [at(1)]);
    assert!(made.origin.leads_through(&mut |step| step.name.as_deref() == Some("a")));
    let open = run("toLower", &[used(Value::unknown(unknown("parameter"), at(5)))]);
    assert_eq!(open.as_unknown().map(|u| u.from.clone()), Some(WaitsFor::Parameter("p".into())));
    assert!(open.origin.leads_through(&mut |step| step.name.as_deref() == Some("a")));
}

#[test]
fn loaded_documents_are_selected_from() {
    let document = read(r#"{"a":{"b c":[1,2,{"d":"x"}]},"e":[{"f":1},{"f":2}]}"#);
    let pick = |path: &str| select(&document, Some(path), Span::NONE).map(|v| show(&v)).map_err(|f| f.kind);
    assert_eq!(pick("$.a['b c'][2].d"), Ok("\"x\"".into()));
    assert_eq!(pick("a[\"b c\"][0]"), Ok("1".into()));
    assert_eq!(pick(".e[*].f"), Ok("[1,2]".into()));
    assert_eq!(pick("e[5]"), Err(FailureKind::Value));
    assert_eq!(pick("a..d"), Ok("\"x\"".into()));
    assert_eq!(pick("..f"), Ok("[1,2]".into()));
    assert_eq!(pick("e[?(@.f > 1)].f"), Ok("2".into()));
    assert_eq!(pick("e[?(@.f >= 1 && @.f != 2)]"), Ok(r#"{"f":1}"#.into()));
    assert_eq!(pick("$.e[?(@.g || @.f == 2)].f"), Ok("2".into()));
    assert_eq!(pick("e[?(@.g)]"), Err(FailureKind::Value));
    assert_eq!(pick("a['b c'][1:]"), Ok(r#"[2,{"d":"x"}]"#.into()));
    assert_eq!(pick("a['b c'][0,1]"), Ok("[1,2]".into()));
    assert_eq!(pick("a['b c'][-1].d"), Ok("\"x\"".into()));
    assert_eq!(pick("e[?(@.f > 1"), Err(FailureKind::Value));
    assert_eq!(pick("a b ]"), Err(FailureKind::Value));
    let nested = format!("{}@.x{}", "..[?(".repeat(30), ")]".repeat(30));
    assert!(pick(&nested).is_err());
    assert_eq!(select(&document, None, Span::NONE).map(|v| show(&v)).ok(), Some(show(&document)));
    assert_eq!(
        load_base64(b"Hello from text file", Span::NONE).unwrap().as_str(),
        Some("SGVsbG8gZnJvbSB0ZXh0IGZpbGU=")
    );
    assert_eq!(load_text("\u{feff}Hello", Span::NONE).unwrap().as_str(), Some("Hello"));
    assert!(load_text(&"a".repeat(131_073), Span::NONE).is_err());
}

#[test]
fn interpolation_shows_values_as_format_does() {
    let pieces = [read("\"a-\""), read("true"), read("{\"b\":[1]}"), read("null"), read("{\"$unknown\":\"context\"}")];
    let value = interpolate(&pieces, Span::NONE, &Context::default()).unwrap();
    assert_eq!(show(&value), "{\"$parts\":[\"a-True{'b':[1]}\",{\"$unknown\":\"context\"}]}");
}

#[test]
fn namespaces_know_their_functions() {
    assert!(exists("TOLOWER") && exists("listKeys") && exists("if") && exists("map"));
    assert!(!exists("toLowest"));
    assert!(is_known("sys", "concat") && is_known("az", "resourceGroup") && is_known("AZ", "listKeys"));
    assert!(!is_known("az", "concat") && !is_known("sys", "createArray") && !is_known("my", "concat"));
}
