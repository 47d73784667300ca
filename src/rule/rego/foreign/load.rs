//! From folders to policies, and a document for each rule that they make.

use std::sync::Arc;

use super::{Dialect, Foreign, Policies, PolicyFolder, Set};
use crate::rule::rego::Limits;
use crate::rule::rego::conftest::Conftest;
use crate::rule::rego::folder::{Folder, read_data};
use crate::rule::rego::gatekeeper::{Constraint, Gatekeeper};
use crate::rule::{AppliesTo, Catalogue, Document, Effect, Engine, Scope, Severity};
use crate::source::{Code, Files, Problem, Sources, Span};

/// Loads the foreign folders; those of our own dialect are left to their loader. Each rule that they make joins the
/// catalogue, unless it is there already. Of what cannot be loaded there are problems.
#[must_use]
pub fn load(
    folders: &[PolicyFolder],
    files: &dyn Files,
    sources: &Sources,
    catalogue: &mut Catalogue,
) -> (Foreign, Vec<Problem>) {
    let mut foreign = Foreign::default();
    let mut problems = Vec::new();
    for folder in folders.iter().filter(|f| f.dialect != Dialect::Own) {
        match set(folder, files, sources, &mut problems) {
            Ok((policies, documents)) => {
                let mut rules = Vec::new();
                for document in documents {
                    let (id, effect) = (Arc::clone(&document.id), document.effect);
                    // Two stamps may have folders of their own with constraints of one name: they are one rule.
                    let _ = catalogue.insert(document);
                    let weaker = catalogue.get(&id).is_some_and(|held| held.effect > effect);
                    rules.push((id, weaker.then_some(effect)));
                }
                foreign.sets.push(Set { stamp: folder.stamp.clone(), policies, rules });
            }
            Err(problem) => problems.push(problem),
        }
    }
    (foreign, problems)
}

fn set(
    folder: &PolicyFolder,
    files: &dyn Files,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Result<(Policies, Vec<Document>), Problem> {
    let limits = Limits { time: folder.timeout.unwrap_or(Limits::default().time), ..Limits::default() };
    let held = Folder::read(&folder.path, folder.digest.as_deref(), files, sources, folder.declared)?;
    Ok(match folder.dialect {
        Dialect::Conftest => {
            let mut data =
                read_data(&folder.data, files).map_err(|e| Problem::new(Code::Policy, folder.declared, e))?;
            if !super::super::conftest::merge(&mut data, &[], held.data) {
                let message = format!("data of the bundle `{}` stands in the way of other data", folder.path);
                return Err(Problem::new(Code::Policy, folder.declared, message));
            }
            let (conftest, found) = Conftest::compile(&held.policies, &folder.namespaces, data, folder.combine, limits);
            let placed =
                found.into_iter().map(|p| if p.span.is_none() { Problem { span: folder.declared, ..p } } else { p });
            problems.extend(placed);
            if conftest.rules().is_empty() && problems.is_empty() {
                let message = format!("`{}` holds no rule called `deny`, `warn` or `violation`", folder.path);
                problems.push(Problem::new(Code::Policy, folder.declared, message));
            }
            let documents: Vec<Document> = conftest
                .rules()
                .iter()
                .map(|rule| {
                    let id = format!("conftest/{}/{}", rule.namespace, rule.name);
                    let title = format!("The policy `{}` of `{}` does not hold", rule.name, rule.namespace);
                    document(id, "conftest", title, rule.effect, Severity::Medium, String::new(), rule.declared)
                })
                .collect();
            (Policies::Conftest(Box::new(conftest)), documents)
        }
        Dialect::Gatekeeper | Dialect::Own => {
            let (gatekeeper, found) = Gatekeeper::read(held.documents.iter().map(|(v, s)| (v, s)), limits);
            problems.extend(found);
            let documents: Vec<Document> = gatekeeper.constraints().map(|c| of_constraint(c, &gatekeeper)).collect();
            (Policies::Gatekeeper(gatekeeper), documents)
        }
    })
}

fn of_constraint(constraint: &Constraint, gatekeeper: &Gatekeeper) -> Document {
    // Constraints of different kinds may have one name; the later ones then carry their kind too.
    let first = gatekeeper.constraints().find(|c| c.name == constraint.name);
    let id = if first.is_none_or(|c| c.kind == constraint.kind) {
        format!("gatekeeper/{}", constraint.name)
    } else {
        format!("gatekeeper/{}.{}", constraint.name, constraint.kind.to_lowercase())
    };
    let template = gatekeeper.template(&constraint.kind);
    let title = template.and_then(|t| t.title.clone());
    let title = title.unwrap_or_else(|| format!("The constraint `{}` does not hold", constraint.name));
    let body = template.and_then(|t| t.description.clone()).unwrap_or_default();
    document(id, "gatekeeper", title, constraint.effect, constraint.severity, body, constraint.declared)
}

fn document(
    id: String,
    family: &str,
    title: String,
    effect: Effect,
    severity: Severity,
    body: String,
    declared: Span,
) -> Document {
    Document {
        id: id.into(),
        family: family.into(),
        title,
        severity,
        effect,
        scope: Scope::Resource,
        context: Vec::new(),
        engine: Engine::Rego,
        applies_to: vec![AppliesTo::Kubernetes],
        production_only: false,
        reads: Vec::new(),
        options: Vec::new(),
        references: Vec::new(),
        controls: Vec::new(),
        since: String::new(),
        aliases: Vec::new(),
        beside: Vec::new(),
        body: body.into(),
        declared,
    }
}
