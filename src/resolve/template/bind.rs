//! From what is given to the values of a template's parameters: whether each is there, is known, and fits its type.

use std::sync::Arc;

use super::eval::{Env, Evaluator, Frame, Names, has_secret, inherit, missing, secret};
use super::{ArgumentForm, Module, Param, Template, Type, TypeKind, check};
use crate::resolve::context::Context;
use crate::resolve::functions;
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, StepKind, Text, Value};

/// A value that somebody gives a parameter.
#[derive(Clone, Debug)]
pub struct Given {
    /// The parameter's name.
    pub name: Text,
    /// Where the name is written.
    pub name_span: Span,
    /// The value, and where it is written.
    pub value: Value,
    /// Whether it is taken from a vault, so that nobody can read it here.
    pub from_vault: bool,
    /// Whether it stands in a parameter file; else it was set by the config or a command.
    pub in_file: bool,
}

/// How a parameter came to its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A parameter file gives it.
    File,
    /// The config or a command sets it.
    Set,
    /// Its default.
    Default,
    /// Nothing gives it.
    Missing,
}

/// A parameter of the root template with its value: what rules on parameters read.
#[derive(Clone, Debug)]
pub struct BoundParameter {
    /// Its name.
    pub name: Text,
    /// Where the template declares the name.
    pub declared: Span,
    /// Its type.
    pub ty: Type,
    /// The template that declares it; types with names are declared there.
    pub template: Arc<Template>,
    /// Its value, as it was given even when it is secret.
    pub value: Value,
    /// Where the name stands in the parameter file or in what sets it.
    pub name_span: Option<Span>,
    /// Where the value came from.
    pub source: Source,
    /// Whether it is secret.
    pub secure: bool,
}

impl Evaluator {
    /// Fills a parameter's slot with what is given, if that counts; null counts only where it may.
    fn fill(&self, names: &Names, index: usize, given: &Value, way: StepKind, site: Span) -> bool {
        let (Some(param), Some(slot)) = (names.template.params.get(index), names.params.get(index)) else {
            return false;
        };
        if given.is_null() && param.default.is_some() && !check::is_nullable(&param.ty, &names.template) {
            return false;
        }
        let masked = mask(given, &param.ty, &param.name);
        let origin = masked.origin.then_named(way, site, param.name.clone());
        slot.set(masked.with_origin(origin));
        names.given.borrow_mut().insert(index);
        true
    }
}

/// Gives a module its arguments.
pub(super) fn arguments(eval: &Evaluator, f: &Frame, env: Env<'_>, module: &Module, names: &Names) {
    let template = &names.template;
    let mut given = vec![false; template.params.len()];
    let mut all_known = true;
    let mut give = |name: &Text, name_span: Span, value: Value| {
        let Some(index) = template.param(name) else {
            let detail = format!("the module has no parameter `{name}`");
            eval.reports.push(Problem::new(Code::Template, name_span, detail));
            return;
        };
        let Some(param) = template.params.get(index) else {
            return;
        };
        if let Some(given) = given.get_mut(index) {
            *given = true;
        }
        let from_vault = value.as_unknown().is_some_and(|u| u.reason == crate::tree::Reason::Secure);
        let value = if from_vault { secret(&param.name, value.span) } else { value };
        if !(value.is_null() && param.default.is_some()) {
            fits(eval, template, param, &value, name_span, Some(param.declared));
        }
        eval.fill(names, index, &value, StepKind::Call, name_span);
    };
    for argument in &module.params {
        let value = match argument.form {
            ArgumentForm::Plain => eval.eval(f, env, &argument.value),
            ArgumentForm::Secret => secret(&argument.name, argument.value.span),
            ArgumentForm::Wrapped => unwrapped(eval.eval(f, env, &argument.value), &argument.name),
        };
        give(&argument.name, argument.name_span, value);
    }
    if let Some(all) = &module.all_params {
        let form = all.form;
        let all = eval.eval(f, env, &all.value);
        all_known = all.as_map().is_some();
        for entry in all.entries() {
            let value = inherit(&entry.value, &all.origin);
            let value = match form {
                ArgumentForm::Wrapped => unwrapped(value, &entry.key),
                _ => value,
            };
            give(&entry.key, entry.key_span, value);
        }
    }
    for (param, given) in template.params.iter().zip(given) {
        if all_known && !given && param.default.is_none() && !check::is_nullable(&param.ty, template) {
            let detail = format!("the module's parameter `{}` is not given", param.name);
            let problem =
                Problem::new(Code::Template, module.declared, detail).related(param.declared, "declared here");
            eval.reports.push(problem);
        }
    }
}

/// What ARM's object around an argument holds.
fn unwrapped(wrapped: Value, name: &Text) -> Value {
    if let Some(value) = wrapped.get_ci("value") {
        return inherit(value, &wrapped.origin);
    }
    match wrapped.get_ci("reference") {
        Some(reference) => secret(name, reference.span),
        None => wrapped,
    }
}

/// Gives a root template its parameters. `anchor` is where a missing one is to be added; `whole` says that nothing
/// else can give one.
pub(super) fn root(eval: &Evaluator, names: &Names, given: &[Given], anchor: Span, whole: bool) -> Vec<Option<Given>> {
    let template = &names.template;
    let mut bound: Vec<Option<Given>> = vec![None; template.params.len()];
    for given in given {
        eval.reports.note_placeholders(&given.value);
        // Parameter names compare without regard to case, in Bicep's parameter files too.
        let index = template.params.iter().position(|p| p.name.eq_ignore_ascii_case(&given.name));
        match index.and_then(|i| bound.get_mut(i)) {
            Some(slot) => *slot = Some(given.clone()),
            None => {
                let mut problem = Problem::new(
                    Code::ParameterUnknown,
                    given.name_span,
                    format!("the template has no parameter `{}`", given.name),
                );
                if let Some(near) = nearest(template, &given.name) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                eval.reports.push(problem);
            }
        }
    }
    for (index, param) in template.params.iter().enumerate() {
        let Some(given) = bound.get(index).and_then(Option::as_ref) else {
            if param.default.is_none() && !check::is_nullable(&param.ty, template) {
                let detail = format!("the parameter `{}` has no value", param.name);
                let mut problem = Problem::new(Code::ParameterMissing, anchor, detail)
                    .related(param.declared, "declared here without a default");
                problem.undetermined = param.ty.secure || !whole;
                eval.reports.push(problem);
            }
            continue;
        };
        if given.from_vault {
            let value = secret(&param.name, given.value.span);
            eval.fill(names, index, &value, StepKind::Value, param.declared);
            continue;
        }
        let typed = typed(given, &param.ty, template);
        let given = typed.as_ref().unwrap_or(given);
        if !(given.value.is_null() && param.default.is_some()) {
            fits(eval, template, param, &given.value, given.name_span, None);
        }
        eval.fill(names, index, &given.value, StepKind::Value, param.declared);
    }
    bound
}

/// What a command line gives is text; its tool makes of it what the template declares. Such a value has no place.
fn typed(given: &Given, ty: &Type, template: &Template) -> Option<Given> {
    let text = given.value.as_str().filter(|_| !given.in_file && given.value.span.is_none())?;
    let mut ty = ty;
    for _ in 0..8 {
        match &ty.kind {
            TypeKind::Named(index) => ty = &template.types.get(*index)?.ty,
            _ => break,
        }
    }
    let value = match &ty.kind {
        TypeKind::Bool if text.eq_ignore_ascii_case("true") => Value::bool(true, Span::NONE),
        TypeKind::Bool if text.eq_ignore_ascii_case("false") => Value::bool(false, Span::NONE),
        TypeKind::Int => Value::int(text.trim().parse().ok()?, Span::NONE),
        TypeKind::Array(_) | TypeKind::Tuple(_) | TypeKind::Object(_) | TypeKind::Tagged(..) => {
            let json = functions::call("json", std::slice::from_ref(&given.value), Span::NONE, &Context::default());
            json.ok().filter(|v| v.as_list().is_some() || v.as_map().is_some())?
        }
        _ => return None,
    };
    Some(Given { value, ..given.clone() })
}

/// The parameters with their values, for rules. Evaluates defaults, which Azure would do, too.
pub(super) fn bound(eval: &Evaluator, f: &Frame, given: &[Option<Given>]) -> Vec<BoundParameter> {
    let template = &f.names.template;
    template
        .params
        .iter()
        .enumerate()
        .map(|(index, param)| {
            let given = given.get(index).and_then(Option::as_ref);
            let (value, source) = match (given, &param.default) {
                (Some(given), _) if !(given.value.is_null() && param.default.is_some()) => {
                    let source = if given.in_file { Source::File } else { Source::Set };
                    (given.value.clone(), source)
                }
                (_, Some(_)) => (eval.param(f, index, param.declared), Source::Default),
                (_, None) if check::is_nullable(&param.ty, template) => (Value::null(param.declared), Source::Default),
                _ => (missing(&param.name, param.declared), Source::Missing),
            };
            BoundParameter {
                name: param.name.clone(),
                declared: param.declared,
                ty: param.ty.clone(),
                template: template.clone(),
                value,
                name_span: given.map(|g| g.name_span),
                source,
                secure: param.ty.secure,
            }
        })
        .collect()
}

/// Says where a value does not fit a parameter's type.
fn fits(eval: &Evaluator, template: &Arc<Template>, param: &Param, value: &Value, key: Span, declared: Option<Span>) {
    for misfit in check::misfits(value, &param.ty, template, key) {
        let detail = match misfit.path.as_str() {
            "" => format!("the parameter `{}` {}", param.name, misfit.detail),
            path => format!("`{path}` of the parameter `{}` {}", param.name, misfit.detail),
        };
        let mut problem = Problem::new(Code::ParameterInvalid, misfit.span, detail);
        problem = problem.related(declared.unwrap_or(param.declared), "declared here");
        eval.reports.push(problem);
    }
}

/// A value with what is secret in it made unknown.
fn mask(value: &Value, ty: &Type, name: &Text) -> Value {
    if ty.secure && has_secret(value) && value.as_unknown().is_none() {
        return secret(name, value.span).with_origin(value.origin.clone());
    }
    let TypeKind::Object(object) = &ty.kind else {
        return value.clone();
    };
    let Some(map) = value.as_map() else {
        return value.clone();
    };
    let type_of = |key: &str| object.properties.iter().find(|p| p.name == key);
    if !map.iter().any(|e| type_of(&e.key).is_some_and(|p| p.ty.secure)) {
        return value.clone();
    }
    let entries = map
        .iter()
        .map(|e| match type_of(&e.key) {
            Some(property) => Entry::new(e.key.clone(), e.key_span, mask(&e.value, &property.ty, name)),
            None => e.clone(),
        })
        .collect();
    Value::map(entries, value.span).with_origin(value.origin.clone())
}

fn nearest<'t>(template: &'t Template, name: &str) -> Option<&'t Text> {
    template
        .params
        .iter()
        .map(|p| {
            let distance = strsim::damerau_levenshtein(&p.name.to_ascii_lowercase(), &name.to_ascii_lowercase());
            (distance, &p.name)
        })
        .filter(|(distance, _)| *distance <= name.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
