//! What a resource of the same template declares, read as if Azure had answered: where it declares nothing, or where
//! Azure adds to what it is given, the answer is unknown.

use super::super::{Expr, ExprKind, Property, Step, text};
use super::access::push_path;
use super::{Env, Evaluator, Frame, Instance, inherit};
use crate::source::Span;
use crate::tree::{Entry, Kind, Reason, Unknown, Value, WaitsFor};

/// A property of a resource that was looked for.
enum Found<'e> {
    /// It is written here.
    Expr(&'e Expr),
    /// It is not.
    Missing,
    /// Only evaluating the whole can tell.
    Computed,
}

impl Evaluator {
    /// What a resource declares at the end of a way, or the unknown that Azure fills in.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn declared(
        &self,
        f: &Frame,
        env: Env<'_>,
        index: usize,
        instance: &Instance,
        site: Span,
        before: &[&str],
        steps: &[Step],
    ) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return super::failed(site);
        };
        let mut path = String::new();
        let mut level: Option<&[Property]> = Some(&resource.properties);
        let mut value: Option<Value> = None;
        let before = before.iter().map(|k| (Value::string(*k, Span::NONE), false));
        let keys = before.chain(steps.iter().map(|s| (self.key(f, env, &s.key), s.safe)));
        for (key, safe) in keys {
            if safe && no_identity(&path, value.as_ref()) {
                return Value::null(site);
            }
            push_path(&mut path, &key);
            if let Some(held) = value.take() {
                value = child(&held, &key);
                continue;
            }
            let Some(properties) = level.take() else { continue };
            match find(properties, key.as_str()) {
                Found::Missing => {}
                Found::Expr(Expr { kind: ExprKind::Object(inner), .. }) => level = Some(inner),
                Found::Expr(e) => value = Some(self.part(f, instance, e)),
                Found::Computed => {
                    let own = Env::of(&instance.locals);
                    let held = self.object(f, own, properties, site);
                    value = child(&held, &key);
                }
            }
        }
        let inside = path_is_open(&path);
        match value {
            // Azure adds to what it is given: only what cannot grow is as it was declared.
            Some(value) if no_identity(&path, Some(&value)) => value,
            Some(value) if !(value.is_null() || resource.existing || inside && may_grow(&value)) => value,
            _ => self.at_run_time(f, index, instance, &path, site),
        }
    }

    /// A property of a resource, evaluated once however often it is asked for.
    fn part(&self, f: &Frame, instance: &Instance, e: &Expr) -> Value {
        if let ExprKind::Literal(value) = &e.kind {
            return value.clone();
        }
        let key = std::ptr::from_ref(e) as usize;
        let slot = instance.parts.borrow_mut().entry(key).or_default().clone();
        let own = Env::of(&instance.locals);
        slot.get(|| self.eval(f, own, e)).unwrap_or_else(|| self.fail(e.span, "this property depends on itself", &[]))
    }

    /// A whole resource: what is known of it. A function that takes its parts out gets no others.
    pub(super) fn whole(&self, f: &Frame, index: usize, instance: &Instance, site: Span) -> Value {
        let Some(resource) = f.body.resources.get(index) else {
            return super::failed(site);
        };
        let own = Env::of(&instance.locals);
        let mut entries = vec![
            Entry::new("id", site, self.resource_id(f, index, instance)),
            Entry::new("name", site, self.eval(f, own, &resource.name)),
            Entry::new("type", site, resource.ty.clone()),
        ];
        if let Some(version) = &resource.api_version {
            entries.push(Entry::new("apiVersion", site, self.eval_plain(f, version)));
        }
        for key in ["properties", "identity"] {
            entries.push(Entry::new(key, site, self.at_run_time(f, index, instance, key, site)));
        }
        for key in ["location", "tags", "sku", "kind", "zones", "plan"] {
            let value = match find(&resource.properties, Some(key)) {
                Found::Expr(e) if !resource.existing => self.part(f, instance, e),
                Found::Missing if !resource.existing => continue,
                _ => self.at_run_time(f, index, instance, key, site),
            };
            entries.push(Entry::new(key, site, value));
        }
        Value::map(entries, site)
    }

    /// What only Azure can tell of a resource.
    pub(super) fn at_run_time(&self, f: &Frame, index: usize, instance: &Instance, path: &str, site: Span) -> Value {
        let id = self.resource_id(f, index, instance);
        let from = WaitsFor::Resource { id: text::shown(&id), path: path.into() };
        Value::unknown(Unknown::new(Reason::Runtime, from), site)
    }
}

/// Whether a resource declares that it has no identity. Azure does not give it one then.
fn no_identity(path: &str, value: Option<&Value>) -> bool {
    path.eq_ignore_ascii_case("identity") && value.is_some_and(Value::is_null)
}

/// Whether Azure may add to what stands at a path.
fn path_is_open(path: &str) -> bool {
    ["properties", "identity"].iter().any(|open| path.get(..open.len()).is_some_and(|p| p.eq_ignore_ascii_case(open)))
}

fn may_grow(value: &Value) -> bool {
    match &value.kind {
        Kind::Map(_) => true,
        Kind::List(list) => list.iter().any(may_grow),
        _ => false,
    }
}

fn child(value: &Value, key: &Value) -> Option<Value> {
    let found = match (&value.kind, &key.kind) {
        (Kind::Unknown(_), _) => return Some(value.clone()),
        (Kind::Map(map), Kind::String(name)) => map.get_ci(name),
        (Kind::List(list), Kind::Number(n)) => {
            n.as_i64().and_then(|n| usize::try_from(n).ok()).and_then(|n| list.get(n))
        }
        _ => None,
    };
    found.map(|v| inherit(v, &value.origin))
}

fn find<'e>(properties: &'e [Property], key: Option<&str>) -> Found<'e> {
    let Some(key) = key else {
        return Found::Computed;
    };
    let mut found = Found::Missing;
    for property in properties {
        match property {
            Property::Fixed { key: name, value, .. } if name.eq_ignore_ascii_case(key) => found = Found::Expr(value),
            Property::Fixed { .. } => {}
            Property::Computed { .. } | Property::Spread(_) => return Found::Computed,
        }
    }
    found
}
