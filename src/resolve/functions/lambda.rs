//! The functions that take lambdas: `map`, `filter`, `reduce`, `sort`, `toObject`, `groupBy`, `mapValues`.
//!
//! The evaluator runs the lambdas; it is asked with the lambda's position (0, or 1 for the second lambda of `toObject`
//! and `groupBy`) and with all the arguments that the lambda may take, and binds as many as the lambda names.

use std::cmp::Ordering;

use super::call::{Call, Outcome, Stop, unknown_of};
use super::failure::Failure;
use super::limits;
use crate::tree::{Entry, Text, Value};

/// Runs the lambda at a position with arguments.
pub type Apply<'f> = dyn FnMut(usize, &[Value]) -> Result<Value, Failure> + 'f;

fn index(call: &Call<'_>, i: usize) -> Value {
    Value::int(i64::try_from(i).unwrap_or(i64::MAX), call.site)
}

/// `map(list, (item, index) => value)`.
pub fn map(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = Vec::new();
    for (i, item) in call.list(0)?.iter().enumerate() {
        items.push(apply(0, &[item.clone(), index(call, i)])?);
    }
    call.items(items)
}

/// `filter(list, (item, index) => keep)`. Without an answer for one item the whole list is unknown, since its length
/// and every later index hang on it.
pub fn filter(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = Vec::new();
    for (i, item) in call.list(0)?.iter().enumerate() {
        if truth(call, &apply(0, &[item.clone(), index(call, i)])?)? {
            items.push(item.clone());
        }
    }
    call.items(items)
}

/// `reduce(list, first, (so far, item, index) => value)`.
pub fn reduce(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut so_far = call.arg(1).clone();
    for (i, item) in call.list(0)?.iter().enumerate() {
        so_far = apply(0, &[so_far, item.clone(), index(call, i)])?;
        if i % 64 == 63 && deeper(&so_far, limits::DEPTH) {
            return Err(call.limit("makes a value that is too deep"));
        }
    }
    Ok(so_far)
}

/// Whether a value is nested deeper than that. Each turn of a reduction may wrap the last one.
fn deeper(value: &Value, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else { return true };
    value.items().iter().any(|v| deeper(v, levels)) || value.entries().iter().any(|e| deeper(&e.value, levels))
}

/// `sort(list, (a, b) => a goes first)`. Equal items keep their order.
pub fn sort(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut items = call.list(0)?.to_vec();
    let mut stop = None;
    // A predicate that is no order must not make the sort panic or loop: merge by hand.
    merge_sort(&mut items, &mut |a, b| {
        if stop.is_some() {
            return Ordering::Equal;
        }
        let answer = apply(0, &[b.clone(), a.clone()]).map_err(Stop::from).and_then(|v| truth(call, &v));
        match answer {
            Ok(true) => Ordering::Greater,
            Ok(false) => Ordering::Equal,
            Err(why) => {
                stop = Some(why);
                Ordering::Equal
            }
        }
    });
    match stop {
        Some(stop) => Err(stop),
        None => call.items(items),
    }
}

/// Sorts with no demand on the comparison but that it answers.
fn merge_sort(items: &mut Vec<Value>, compare: &mut dyn FnMut(&Value, &Value) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items, compare);
    merge_sort(&mut right, compare);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let mut left = std::mem::take(items).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let next = if compare(l, r) == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    *items = merged;
}

/// `toObject(list, item => key, item => value)`; of equal keys the last one counts.
pub fn to_object(call: &Call<'_>, lambdas: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut entries = Vec::new();
    for item in call.list(0)? {
        let key = apply(0, std::slice::from_ref(item))?;
        let name = key_text(call, &key)?;
        let value = if lambdas > 1 { apply(1, std::slice::from_ref(item))? } else { item.clone() };
        entries.push(Entry::new(name, key.span, value));
    }
    call.entries(entries)
}

/// `groupBy(list, item => key, item => value)`: an object of lists, in the order in which the keys turn up.
pub fn group_by(call: &Call<'_>, lambdas: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut groups: indexmap::IndexMap<Text, (Value, Vec<Value>)> = indexmap::IndexMap::new();
    for item in call.list(0)? {
        let key = apply(0, std::slice::from_ref(item))?;
        let name = key_text(call, &key)?;
        let value = if lambdas > 1 { apply(1, std::slice::from_ref(item))? } else { item.clone() };
        groups.entry(name).or_insert_with(|| (key, Vec::new())).1.push(value);
    }
    let mut entries = Vec::with_capacity(groups.len());
    for (name, (key, items)) in groups {
        entries.push(Entry::new(name, key.span, call.items(items)?));
    }
    call.entries(entries)
}

/// `mapValues(object, value => value)`.
pub fn map_values(call: &Call<'_>, _: usize, apply: &mut Apply<'_>) -> Outcome {
    let mut entries = Vec::new();
    for entry in call.map(0)?.iter() {
        let value = apply(0, std::slice::from_ref(&entry.value))?;
        entries.push(Entry::new(entry.key.clone(), entry.key_span, value));
    }
    call.entries(entries)
}

fn truth(call: &Call<'_>, answer: &Value) -> Result<bool, Stop> {
    answer.as_bool().ok_or_else(|| {
        unknown_of(answer).unwrap_or_else(|| {
            call.fail(format_args!("wants a lambda that gives a boolean, not a {}", answer.type_name()))
        })
    })
}

fn key_text(call: &Call<'_>, key: &Value) -> Result<Text, Stop> {
    key.as_str().map(Text::from).ok_or_else(|| {
        unknown_of(key).unwrap_or_else(|| {
            call.fail(format_args!("wants a lambda that gives a string as key, not a {}", key.type_name()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::{FailureKind, call, call_lambda};
    use super::*;
    use crate::resolve::context::Context;
    use crate::source::Span;
    use crate::tree::{Reason, Unknown, WaitsFor};

    fn read(json: &str) -> Value {
        call("json", &[Value::string(json, Span::NONE)], Span::NONE, &Context::default()).unwrap()
    }

    fn show(value: &Value) -> String {
        let text = call("string", std::slice::from_ref(value), Span::NONE, &Context::default()).unwrap();
        text.as_str().map_or_else(|| format!("{:?}", text.kind), str::to_owned)
    }

    fn eval(name: &str, args: &[Value]) -> Result<Value, Failure> {
        call(name, args, Span::NONE, &Context::default())
    }

    /// Calls with lambdas that are functions here.
    fn run(name: &str, args: &[&str], lambdas: usize, apply: &mut Apply<'_>) -> Result<String, FailureKind> {
        let args: Vec<Value> = args.iter().map(|a| read(a)).collect();
        call_lambda(name, &args, lambdas, apply, Span::NONE, &Context::default()).map(|v| show(&v)).map_err(|f| f.kind)
    }

    fn arg(args: &[Value], i: usize) -> Value {
        args[i].clone()
    }

    // The expected values are those that the Bicep repository asserts of Microsoft's deployment engine.
    #[test]
    fn lists_are_mapped_filtered_reduced_and_sorted() {
        let text = |s: &str| Value::string(s, Span::NONE);
        assert_eq!(
            run("map", &[r#"["abc","def"]"#], 1, &mut |_, a| eval("concat", &[text("Hi "), arg(a, 0), text("!")])),
            Ok(r#"["Hi abc!","Hi def!"]"#.into())
        );
        assert_eq!(
            run("map", &[r#"["Evie","Casper"]"#], 1, &mut |_, a| eval("concat", &[arg(a, 1), arg(a, 0)])),
            Ok(r#"["0Evie","1Casper"]"#.into())
        );
        let even = |v: Value| eval("equals", &[eval("mod", &[v, read("2")])?, read("0")]);
        assert_eq!(run("filter", &["[0,1,2,3]"], 1, &mut |_, a| even(arg(a, 0))), Ok("[0,2]".into()));
        assert_eq!(run("filter", &[r#"["a","b","c","d"]"#], 1, &mut |_, a| even(arg(a, 1))), Ok(r#"["a","c"]"#.into()));
        assert_eq!(
            run("reduce", &["[1,2,3,4,5]", "1"], 1, &mut |_, a| eval("mul", &[arg(a, 0), arg(a, 1)])),
            Ok("120".into())
        );
        assert_eq!(run("reduce", &["[]", "0"], 1, &mut |_, a| Ok(arg(a, 0))), Ok("0".into()));
        let less = &mut |_: usize, a: &[Value]| eval("less", &[arg(a, 0), arg(a, 1)]);
        assert_eq!(run("sort", &["[8,3,10,-13,5]"], 1, less), Ok("[-13,3,5,8,10]".into()));
        assert_eq!(run("sort", &[r#"["ghi","abc","def"]"#], 1, less), Ok(r#"["abc","def","ghi"]"#.into()));
        let greater = &mut |_: usize, a: &[Value]| eval("greater", &[arg(a, 0), arg(a, 1)]);
        assert_eq!(run("sort", &[r#"["ghi","abc","def"]"#], 1, greater), Ok(r#"["ghi","def","abc"]"#.into()));
    }

    #[test]
    fn objects_are_made_grouped_and_mapped() {
        let key = |name: &'static str| move |a: &[Value]| Ok(a[0].get(name).unwrap().clone());
        assert_eq!(
            run("toObject", &["[123,456,789]"], 1, &mut |_, a| eval(
                "string",
                &[eval("div", &[arg(a, 0), read("100")])?]
            )),
            Ok(r#"{"1":123,"4":456,"7":789}"#.into())
        );
        let rows = r#"[{"type":"a","value":123},{"type":"b","value":456},{"type":"a","value":789}]"#;
        assert_eq!(
            run("groupBy", &[rows], 1, &mut |_, a| key("type")(a)),
            Ok(r#"{"a":[{"type":"a","value":123},{"type":"a","value":789}],"b":[{"type":"b","value":456}]}"#.into())
        );
        let pick = &mut |which: usize, a: &[Value]| if which == 0 { key("type")(a) } else { key("value")(a) };
        assert_eq!(run("groupBy", &[rows], 2, pick), Ok(r#"{"a":[123,789],"b":[456]}"#.into()));
        assert_eq!(run("toObject", &[rows], 2, pick), Ok(r#"{"a":789,"b":456}"#.into()));
        assert_eq!(
            run("mapValues", &[r#"{"a":123,"b":456}"#], 1, &mut |_, a| eval("mul", &[arg(a, 0), read("2")])),
            Ok(r#"{"a":246,"b":912}"#.into())
        );
    }

    #[test]
    fn unknowns_and_failures_of_lambdas() {
        let unknown = || Value::unknown(Unknown::new(Reason::Runtime, WaitsFor::Nothing), Span::NONE);
        let cx = Context::default();
        let call = |name: &str, args: &[Value]| {
            call_lambda(name, args, 1, &mut |_, _| Ok(unknown()), Span::NONE, &cx).unwrap()
        };
        let list = read("[1,2]");
        assert_eq!(call("map", std::slice::from_ref(&list)).items().len(), 2);
        for name in ["filter", "sort", "toObject", "groupBy"] {
            assert!(call(name, std::slice::from_ref(&list)).as_unknown().is_some(), "{name}");
        }
        assert!(call("map", &[unknown()]).as_unknown().is_some());
        assert_eq!(run("filter", &["[1]"], 1, &mut |_, _| Ok(read("1"))), Err(FailureKind::Value));
        assert_eq!(run("map", &["[1]", "2"], 0, &mut |_, _| Ok(read("1"))), Err(FailureKind::Arguments));
        assert_eq!(run("toLower", &["\"a\""], 1, &mut |_, _| Ok(read("1"))), Err(FailureKind::Arguments));
        let wrap = &mut |_: usize, a: &[Value]| Ok(Value::list(vec![a[0].clone()], Span::NONE));
        let many = format!("[{}]", vec!["1"; 9_000].join(","));
        assert_eq!(run("reduce", &[&many, "0"], 1, wrap), Err(FailureKind::Limit));
        // A lambda that says yes to everything is no order; the sort ends all the same.
        assert!(run("sort", &["[3,1,2,5,4]"], 1, &mut |_, _| Ok(read("true"))).is_ok());
    }
}
