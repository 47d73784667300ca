//! The values of a release as helm lays them over one another, each with the place where it stands.

use super::chart::Chart;
use super::set;
use crate::source::Span;
use crate::tree::{Entry, Input, Kind, StepKind, Value};

/// Maps in maps beyond this are taken as they are.
const DEPTH: usize = 64;

/// What the templates see as `.Values`: the chart's own and its subcharts', then what the release gives. `set` and `raw`
/// are laid over last.
pub(super) fn merged(chart: &Chart, given: &[Value], set: &[Entry], raw: &[String]) -> Value {
    let mut values = defaults(chart);
    for over in given {
        values = overlay(&values, over, 0);
    }
    for entry in set {
        set::put(&mut values, &set::path(&entry.key), entry.value.clone());
    }
    for raw in raw {
        for (path, value) in set::read(raw) {
            set::put(&mut values, &path, value);
        }
    }
    values
}

/// The values that a chart brings along, with its subcharts' below their names. A key without a value is none: it says
/// no more than that the chart knows it.
fn defaults(chart: &Chart) -> Value {
    let mut values = Value::map(Vec::new(), Span::NONE);
    for part in &chart.parts {
        let own = defaults(part);
        if let Some(entries) = values.entries_mut()
            && !entries.iter().any(|e| e.key == part.name)
        {
            entries.push(Entry::new(part.name.clone(), part.place, own));
        }
    }
    match &chart.defaults {
        Some(own) => overlay(&values, &without_nulls(own, 0), 0),
        None => values,
    }
}

fn without_nulls(value: &Value, depth: usize) -> Value {
    let Kind::Map(map) = &value.kind else { return value.clone() };
    if depth > DEPTH {
        return value.clone();
    }
    let entries = map.iter().filter(|e| !e.value.is_null());
    let entries = entries.map(|e| Entry::new(e.key.clone(), e.key_span, without_nulls(&e.value, depth + 1)));
    let mut out = Value::map_of_unique(entries.collect(), value.span);
    out.origin = value.origin.clone();
    out
}

/// Lays one over another, as helm does: maps key by key, anything else whole; null takes away.
fn overlay(base: &Value, over: &Value, depth: usize) -> Value {
    let (Kind::Map(below), Kind::Map(above)) = (&base.kind, &over.kind) else {
        return if over.is_null() && base.as_map().is_some() { over.clone() } else { instead(base, over) };
    };
    if depth > DEPTH {
        return over.clone();
    }
    let mut entries: Vec<Entry> = Vec::new();
    for held in below.iter() {
        entries.push(match above.entry(&held.key) {
            Some(new) => Entry::new(new.key.clone(), new.key_span, overlay(&held.value, &new.value, depth + 1)),
            None => held.clone(),
        });
    }
    entries.extend(above.iter().filter(|e| below.get(&e.key).is_none()).cloned());
    let span = if above.is_empty() { base.span } else { over.span };
    Value::map_of_unique(entries, span)
}

/// The new value, which says what it stands in place of.
fn instead(base: &Value, over: &Value) -> Value {
    let mut value = over.clone();
    if !base.span.is_none() && base.as_map().is_none() && over.as_map().is_none() && !base.is_null() {
        let input = Input { span: base.span, origin: base.origin.clone() };
        value.origin = value.origin.push(StepKind::Overlay, value.span, None, Box::new([input]));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    #[test]
    fn values_are_laid_as_helm_lays_them() {
        let sources = Sources::new();
        let read = |name: &str, text: &str| {
            let source = sources.add(name, text);
            yaml::parse(&source).documents.into_iter().next().unwrap().root
        };
        let mut chart = Chart::bare("c", "chart", Span::NONE);
        chart.defaults = Some(read("values.yaml", "a: {p: 1, q: 2, r: }\nl: [1, 2]\nsub: {k: 1}\n"));
        let mut sub = Chart::bare("c/charts/sub", "chart/charts/sub", Span::NONE);
        sub.name = "sub".into();
        sub.defaults = Some(read("sub.yaml", "k: 0\nm: 5\n"));
        chart.parts.push(sub);
        let over = read("over.yaml", "a: {p: 9, q: null}\nl: [3]\n");
        let set = [Entry::new("sub.m", Span::NONE, Value::int(6, Span::NONE))];
        let merged = merged(&chart, &[over], &set, &["l[1]=q,e.f={u,v}".to_owned()]);
        assert_eq!(
            merged.json().to_string(),
            r#"{"sub":{"k":1,"m":6},"a":{"p":9,"q":null},"l":[3,"q"],"e":{"f":["u","v"]}}"#
        );
        let x = merged.look("a.p").known().unwrap();
        assert_eq!(sources.text(x.span), "9");
        let replaced: Vec<String> =
            x.origin.steps().flat_map(|s| s.inputs.iter()).map(|i| sources.text(i.span)).collect();
        assert_eq!(replaced, ["1"]);
    }
}
