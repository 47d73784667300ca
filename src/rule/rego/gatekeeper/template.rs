//! A ConstraintTemplate: the kind of its constraints, the schema of their parameters, and its Rego.

use std::sync::{Arc, OnceLock};

use super::object::{gvk, text};
use regorus::Value as Rego;

use crate::rule::rego::trace::{Asked, Trace};
use crate::rule::rego::{Limits, Policies, Prepared, Script, Version, rule_path};
use crate::source::{Code, Problem, Source, Span};
use crate::tree::Value;

/// The only target that has objects.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// A template. Its Rego is compiled when the first object comes.
#[derive(Debug)]
pub struct Template {
    /// The kind of its constraints.
    pub kind: String,
    /// The schema of `spec.parameters`, where it has one.
    pub schema: Option<Value>,
    /// Where the kind is declared.
    pub declared: Span,
    /// What its annotations call it.
    pub title: Option<String>,
    /// What its annotations say of it.
    pub description: Option<String>,
    scripts: Vec<(Script, Option<Version>)>,
    limits: Limits,
    compiled: OnceLock<Compiled>,
}

/// A compiled template.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The policies, and the path of `violation`; `None` where the Rego is at fault.
    pub usable: Option<(Policies, String)>,
    /// Ready, for policies that read no inventory.
    pub prepared: Option<Prepared>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Template {
    /// Whether a document is a template.
    #[must_use]
    pub fn is_one(body: &Value) -> bool {
        let (group, _, kind) = gvk(body);
        group == "templates.gatekeeper.sh" && kind == "ConstraintTemplate"
    }

    /// Reads a template.
    ///
    /// # Errors
    /// When it names no kind or holds no Rego.
    pub fn read(body: &Value, source: &Arc<Source>, limits: Limits) -> Result<Self, Problem> {
        let names = body.look("spec.crd.spec.names.kind").known();
        let Some((kind, declared)) = names.and_then(|k| Some((k.as_str()?, k.span))) else {
            return Err(Problem::new(
                Code::Policy,
                body.span,
                "the template names no kind at `spec.crd.spec.names.kind`",
            ));
        };
        let targets = body.look("spec.targets").known().map(Value::items).unwrap_or_default();
        let target = targets.iter().find(|t| text(t, "target") == TARGET).or(targets.first());
        let scripts = target.map(|t| scripts(t, source)).unwrap_or_default();
        if scripts.is_empty() {
            let message = format!("template `{kind}` holds no Rego");
            let help = "stamplint evaluates Rego only: a template in CEL alone is left to the cluster";
            return Err(Problem::new(Code::Policy, declared, message).help(help));
        }
        let annotation = |key: &str| {
            let annotations = body.look("metadata.annotations").known()?;
            annotations.get(key)?.as_str().map(|text| text.trim().to_owned())
        };
        Ok(Self {
            title: annotation("metadata.gatekeeper.sh/title"),
            description: annotation("description"),
            kind: kind.to_owned(),
            schema: body.look("spec.crd.spec.validation.openAPIV3Schema").known().cloned(),
            declared,
            scripts,
            limits,
            compiled: OnceLock::new(),
        })
    }

    pub(super) fn scripts(&self) -> &[(Script, Option<Version>)] {
        &self.scripts
    }

    pub(super) fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| self.compile())
    }

    /// What was wrong with it, if it was ever compiled.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.compiled.get().map(|c| c.problems.as_slice()).unwrap_or_default()
    }

    /// Why it says what it says of an input.
    pub(super) fn trace(&self, input: &Rego, data: &Rego) -> Trace {
        let package = self.compiled().usable.as_ref().and_then(|(policies, _)| {
            policies.packages().iter().find(|p| p.rules.iter().any(|r| r == "violation")).map(|p| p.path.clone())
        });
        let package = package.unwrap_or_default();
        let data = std::slice::from_ref(data);
        let asked = Asked { scripts: &self.scripts, package: &package, rule: "violation", data, input };
        Trace::of(&asked, self.limits)
    }

    fn compile(&self) -> Compiled {
        let (policies, mut problems) = Policies::compile(&self.scripts, self.limits);
        let main = policies.packages().iter().find(|p| p.rules.iter().any(|r| r == "violation"));
        let path = main.map(|p| rule_path(&p.path, "violation"));
        if path.is_none() && problems.is_empty() {
            let at = policies.scripts().first().map_or(self.declared, Script::start);
            let message = format!("template `{}` has no rule `violation`", self.kind);
            problems.push(Problem::new(Code::Policy, at, message));
        }
        let mut compiled = Compiled { usable: None, prepared: None, problems };
        let Some(path) = path.filter(|_| compiled.problems.is_empty()) else {
            return compiled;
        };
        if !policies.reads().inventory {
            match policies.prepare(&[]) {
                Ok(prepared) => compiled.prepared = Some(prepared),
                Err(problem) => {
                    compiled.problems.push(problem);
                    return compiled;
                }
            }
        }
        compiled.usable = Some((policies, path));
        compiled
    }
}

/// The Rego of a target, of either layout. Code for other engines is left alone.
fn scripts(target: &Value, source: &Arc<Source>) -> Vec<(Script, Option<Version>)> {
    let code = target.get("code").map(Value::items).unwrap_or_default();
    let holder = code.iter().find(|c| text(c, "engine") == "Rego").and_then(|c| c.get("source")).unwrap_or(target);
    // The old language unless the template says otherwise, as Gatekeeper has it.
    let version = match text(holder, "version") {
        "v1" => Version::V1,
        _ => Version::V0,
    };
    let main = holder.get("rego");
    let libs = holder.get("libs").map(Value::items).unwrap_or_default();
    let path = source.path();
    main.into_iter()
        .chain(libs)
        .enumerate()
        .filter_map(|(i, value)| {
            let line = source.line(value.span.start);
            let script = Script::scalar(format!("{path}#{line}.{i}"), source, value)?;
            Some((script, Some(version)))
        })
        .collect()
}
