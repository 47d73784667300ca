//! What each function gives, held against what OPA 1.22 printed: an expression, OPA's JSON (`-` for no result), and, where
//! it differs, ours (`!` and words of the problem where it is refused). `docs/rego.md` names the differences.

use regorus::Value;

use crate::rule::rego::{Limits, Policies, Script};

#[test]
fn functions_give_what_opa_gives() {
    let table = include_str!("../../../../testdata/rego/builtins.tsv");
    let input = Value::from_json_str(r#"{"x": 1}"#).unwrap();
    let mut faults = Vec::new();
    for line in table.lines() {
        let mut columns = line.split('\t');
        let (expression, opa) = (columns.next().unwrap(), columns.next().unwrap());
        let wanted = columns.next().unwrap_or(opa);
        let text = format!("package a\nresult := json.marshal({expression})\n");
        let (policies, problems) = Policies::compile(&[(Script::text("a.rego", text), None)], Limits::default());
        let got = match problems.first() {
            Some(problem) => format!("! {}", problem.detail),
            None => match policies.prepare(&[]).unwrap().evaluate("data.a.result", &input) {
                Ok(outcome) => outcome.value.as_string().map_or("-".to_owned(), |text| text.to_string()),
                Err(problem) => format!("! {}", problem.detail),
            },
        };
        let holds = match wanted.strip_prefix("! ") {
            Some(words) => got.starts_with("! ") && got.contains(words),
            None => got == wanted,
        };
        if !holds {
            faults.push(format!("{expression}: {got}, not {wanted}"));
        }
    }
    assert!(table.lines().count() > 300);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
