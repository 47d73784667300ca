//! Suppressions that are data of what they accept: annotations of Kubernetes objects, `metadata` of ARM and Bicep.

use super::directive::{Grounds, Until, Word, annotation, day};
use crate::model::Resource;
use crate::read::bicep::ast::{Declaration, Expr, ExprKind, File, Item, Member, Object};
use crate::source::Span;
use crate::tree::{Entry, Kind, Value};

/// What an annotation that accepts a rule begins with.
pub const ANNOTATION: &str = "stamplint.dev/allow.";

/// One rule that is accepted, before its name is looked up.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The rule as it is written.
    pub rule: String,
    /// Where the rule is written.
    pub span: Span,
    /// Why.
    pub grounds: Grounds,
}

/// The annotations of an object that accept something. One whose text is not known says nothing.
pub fn annotations(resource: &Resource) -> Vec<Attached> {
    let Some(entries) = resource.body.get("metadata").and_then(|m| m.get("annotations")) else {
        return Vec::new();
    };
    let ours = entries.entries().iter().filter_map(|entry| {
        let rule = entry.key.strip_prefix(ANNOTATION)?;
        let grounds = match &entry.value.kind {
            Kind::String(text) => annotation(text),
            Kind::Unknown(_) | Kind::Parts(_) => return None,
            _ => Grounds::default(),
        };
        Some(Attached { rule: rule.to_owned(), span: entry.key_span, grounds })
    });
    ours.collect()
}

/// What the `metadata` of an ARM template accepts, each with the object that it stands in; the first one's is the file.
pub fn arm(root: &Value) -> Vec<(Span, Attached)> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        let below = |child: &&Value| value.span.contains(child.span);
        match &value.kind {
            Kind::Map(map) => {
                let metadata = value.get_ci("metadata").map(allowed).unwrap_or_default();
                found.extend(metadata.into_iter().map(|a| (value.span, a)));
                open.extend(map.iter().map(|e| &e.value).filter(below));
            }
            Kind::List(list) => open.extend(list.iter().filter(below)),
            _ => {}
        }
    }
    found
}

/// What the `metadata` of Bicep's resources, its decorator and its declaration accept, each with what it stands for; none
/// for the file.
pub fn bicep(file: &File) -> Vec<(Option<Span>, Attached)> {
    let mut found = Vec::new();
    let mut open: Vec<&Declaration> = file.declarations.iter().collect();
    while let Some(declaration) = open.pop() {
        let mut add = |value: &Value, reach: Option<Span>| {
            found.extend(allowed(value).into_iter().map(|a| (reach, a)));
        };
        let decorator = declaration.decorator("metadata").and_then(|d| d.args.first());
        if let Some(value) = decorator.map(|e| literal(e, 0)) {
            add(&value, Some(declaration.span));
        }
        let object = match &declaration.item {
            Item::Metadata(binding) if &*binding.name == "stamplint" => {
                let inner = literal(&binding.value, 0);
                let entry = Entry::new("stamplint", binding.name.span, inner);
                add(&Value::map(vec![entry], binding.value.span), None);
                continue;
            }
            Item::Resource(resource) => &resource.body.object,
            Item::Module(module) => &module.body.object,
            _ => continue,
        };
        if let Some(property) = object.get("metadata") {
            add(&literal(&property.value, 0), Some(declaration.span));
        }
        open.extend(object.resources());
    }
    found
}

/// Nothing that we read lies deeper.
const DEPTH: usize = 8;

/// A literal as a value; what is computed stands as null.
fn literal(expr: &Expr, depth: usize) -> Value {
    match &expr.kind {
        _ if depth > DEPTH => Value::null(expr.span),
        ExprKind::String(text) => Value::string(text.clone(), expr.span),
        ExprKind::Array(items) => Value::list(items.iter().map(|i| literal(&i.value, depth + 1)).collect(), expr.span),
        ExprKind::Object(object) => map(object, depth),
        _ => Value::null(expr.span),
    }
}

fn map(object: &Object, depth: usize) -> Value {
    let entries = object.members.iter().filter_map(|member| match member {
        Member::Property(p) => Some(Entry::new(p.key.text()?, p.key.span(), literal(&p.value, depth + 1))),
        _ => None,
    });
    Value::map(entries.collect(), object.span)
}

/// `stamplint.allow` of a metadata object: a reason for each rule, or a reason with its limits.
fn allowed(metadata: &Value) -> Vec<Attached> {
    let allow = metadata.get("stamplint").and_then(|s| s.get("allow")).map(Value::entries).unwrap_or_default();
    let attached = allow.iter().map(|entry| {
        let text = |key: &str| entry.value.get(key).and_then(Value::as_str);
        let until = match text("until") {
            Some(word) => day(word).map_or_else(|| Until::NoDay(word.to_owned()), Until::Day),
            None if entry.value.get("until").is_some_and(|v| !v.is_null()) => Until::NoDay("until".to_owned()),
            None => Until::Always,
        };
        let grounds = match entry.value.as_str() {
            Some(reason) => {
                let (reason, until) = super::directive::reason(reason);
                Grounds { reason, until, stamps: Vec::new() }
            }
            None => Grounds {
                stamps: entry.value.get("stamps").map(stamps).unwrap_or_default(),
                reason: text("reason").unwrap_or_default().trim().to_owned(),
                until,
            },
        };
        Attached { rule: entry.key.to_string(), span: entry.key_span, grounds }
    });
    attached.collect()
}

/// One name or several.
pub fn stamps(value: &Value) -> Vec<Word> {
    let one = std::slice::from_ref(value);
    let names = value.as_list().unwrap_or(one).iter().filter_map(Value::as_str);
    names.map(|name| Word { text: name.to_owned(), range: 0..0 }).collect()
}
