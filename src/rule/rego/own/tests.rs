//! What rules say that they read is what they read.

use super::{OwnRules, PolicySource};
use crate::model::{Fleet, Inventory, Part, Stamp, manifest};
use crate::read::yaml;
use crate::rule::rego::Limits;
use crate::rule::{Catalogue, Input, Place, Selection, Settings, builtin, run};
use crate::source::{Sources, Span};
use crate::tree::{Entry, Kind, Path, Segment, Text, Value};

/// An object of each kind that the built-in policies look at, with every field that they know.
const OBJECTS: &str = include_str!("tests.yaml");

fn stamp(objects: &[Value]) -> Stamp {
    let resources: Vec<_> = objects.iter().flat_map(|o| manifest::resources(o, None)).collect();
    Stamp {
        index: 0,
        name: Text::from("one"),
        region: None,
        region_from: None,
        environment: None,
        vars: Vec::new(),
        declared: Span::NONE,
        own: Part { resources: resources.clone(), deployed: Vec::new() },
        inventory: Inventory::new(resources),
    }
}

/// What the policies say of a stamp of these objects, in order.
fn said(objects: &[Value], catalogue: &Catalogue, rego: &OwnRules) -> Vec<String> {
    let fleet = Fleet { stamps: vec![stamp(objects)], ..Fleet::default() };
    let settings = Settings::new(catalogue, &[Vec::new()], &Selection::default());
    let output = run(Input {
        fleet: &fleet,
        catalogue,
        natives: &[],
        settings: &settings,
        rego: Some(rego),
        foreign: None,
        problems: &[],
    });
    let mut said: Vec<String> = output
        .findings
        .iter()
        .map(|f| {
            let place = match &f.place {
                Place::Resource { resource, path, .. } => format!("{} {path}", resource.label()),
                place => format!("{place:?}"),
            };
            format!("{} {:?} {place}: {}", f.rule, f.verdict, f.message)
        })
        .collect();
    said.sort();
    said
}

/// The paths of all values below one.
fn paths(value: &Value, at: &Path, found: &mut Vec<Path>) {
    for entry in value.entries() {
        let path = at.join(entry.key.as_str());
        paths(&entry.value, &path, found);
        found.push(path);
    }
    for (i, item) in value.items().iter().enumerate() {
        let path = at.join(i);
        paths(item, &path, found);
        found.push(path);
    }
}

/// The value with another one at a path, or without it.
fn changed(value: &Value, path: &[Segment], new: Option<&Value>) -> Value {
    let Some((first, rest)) = path.split_first() else { return new.cloned().unwrap_or_else(|| value.clone()) };
    let below = |held: &Value| if rest.is_empty() { new.cloned() } else { Some(changed(held, rest, new)) };
    match (&value.kind, first) {
        (Kind::Map(map), Segment::Key(key)) => {
            let entries = map.iter().filter_map(|e| {
                let value = if e.key == *key { below(&e.value)? } else { e.value.clone() };
                Some(Entry::new(e.key.clone(), e.key_span, value))
            });
            Value::map(entries.collect(), value.span)
        }
        (Kind::List(list), Segment::Index(index)) => {
            let items = list.iter().enumerate();
            let kept = items.filter_map(|(i, item)| if i == *index { below(item) } else { Some(item.clone()) });
            Value::list(kept.collect(), value.span)
        }
        _ => value.clone(),
    }
}

#[test]
fn built_in_rules_see_all_that_they_read() {
    let sources = Sources::new();
    let (catalogue, errors) = Catalogue::read(builtin::DOCUMENTS.iter().copied(), &sources);
    assert!(errors.is_empty(), "{errors:?}");
    let load = |builtin: bool| {
        let limits = Limits::default();
        let policies = builtin::POLICIES.iter().map(|p| PolicySource { from: *p, builtin, limits });
        let (rules, problems) = OwnRules::load(policies, &catalogue, &sources);
        assert!(problems.is_empty(), "{problems:?}");
        rules
    };
    // As a user's policies they see everything.
    let (narrow, whole) = (load(true), load(false));
    let source = sources.add("objects.yaml", OBJECTS);
    let objects: Vec<Value> = yaml::parse(&source).documents.into_iter().map(|d| d.root).collect();
    let none = Span::NONE;
    let others = [None, Some(Value::null(none)), Some(Value::string("x", none))];
    let mut all = objects.clone();
    for object in &objects {
        let mut found = Vec::new();
        paths(object, &Path::default(), &mut found);
        all.extend(found.iter().flat_map(|p| others.iter().map(|o| changed(object, &p.0, o.as_ref()))));
    }
    let expected = said(&all, &catalogue, &whole);
    let broken: Vec<&String> = expected.iter().filter(|s| s.starts_with("policy-error")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(expected.len() > all.len());
    let differences: Vec<_> =
        said(&all, &catalogue, &narrow).into_iter().zip(expected).filter(|(a, b)| a != b).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}
