//! What has to be known when a deployment starts: names, conditions and the loops of resources and modules. Azure and
//! the compiler refuse what only a deployed resource can tell there.

use std::cell::RefCell;
use std::collections::HashSet;

use super::{Body, Content, Expr, ExprKind, Key, Loop, Over, Step, Symbol, Template, Variable, walk};
use crate::source::{Code, Problem, Span};

/// How deep variables may lead to one another here.
const DEPTH: usize = 64;

/// The problems of a template; of those that it calls each has its own.
pub fn problems(template: &Template) -> Vec<Problem> {
    let mut found = Vec::new();
    let early = RefCell::default();
    Check { variables: &template.variables, body: &template.body, early: &early, found: &mut found }.run();
    found
}

/// What stands where it must not.
struct Late {
    /// The whole expression of it.
    span: Span,
    /// What it is, as a person would write it.
    what: String,
}

struct Check<'t> {
    variables: &'t [Variable],
    body: &'t Body,
    /// Variables that are known at the start, or are being looked at.
    early: &'t RefCell<HashSet<usize>>,
    found: &'t mut Vec<Problem>,
}

impl Check<'_> {
    fn run(&mut self) {
        for resource in &self.body.resources {
            if resource.extension.is_some() {
                continue;
            }
            // What is only referred to may be found out on the way.
            if !resource.existing {
                self.needs(&resource.name, "a resource's name");
            }
            self.heads(resource.each.as_ref(), resource.condition.as_ref());
        }
        for module in &self.body.modules {
            if let Some(name) = &module.name {
                self.needs(name, "a deployment's name");
            }
            self.heads(module.each.as_ref(), module.condition.as_ref());
            if let Content::Shared(body) = &module.content {
                Check { variables: self.variables, body, early: self.early, found: self.found }.run();
            }
        }
        for variable in self.variables {
            if let ExprKind::For(each) = &variable.value.kind {
                self.needs(&each.body, "what a variable's loop makes");
                match &each.over.over {
                    Over::Items(e) | Over::Count(e) => self.needs(e, "what a loop goes over"),
                }
            }
        }
    }

    fn heads(&mut self, each: Option<&Loop>, condition: Option<&Expr>) {
        if let Some(each) = each {
            match &each.over {
                Over::Items(e) | Over::Count(e) => self.needs(e, "what a loop goes over"),
            }
        }
        if let Some(condition) = condition {
            self.needs(condition, "a condition");
        }
    }

    fn needs(&mut self, e: &Expr, place: &str) {
        let Some(late) = self.late(e, DEPTH) else {
            return;
        };
        let detail = format!("{place} has to be known when the deployment starts, and {} is not", late.what);
        let mut problem = Problem::new(Code::Template, e.span, detail);
        if late.span != e.span && !late.span.is_none() {
            problem = problem.related(late.span, "known only after this is deployed");
        }
        self.found.push(problem);
    }

    /// The first part of an expression that only the deployment can tell.
    fn late(&self, e: &Expr, depth: usize) -> Option<Late> {
        let depth = depth.checked_sub(1)?;
        match &e.kind {
            ExprKind::Variable(index) => {
                if !self.early.borrow_mut().insert(*index) {
                    return None;
                }
                let late = self.late(&self.variables.get(*index)?.value, depth);
                if late.is_some() {
                    self.early.borrow_mut().remove(index);
                }
                return late;
            }
            ExprKind::Access(access) => {
                if let ExprKind::Symbol(symbol) = access.base.kind
                    && let Some(what) = self.told_late(symbol, &access.steps)
                {
                    return Some(Late { span: e.span, what });
                }
            }
            ExprKind::Reference(_) => return Some(Late { span: e.span, what: "what `reference` gives".to_owned() }),
            ExprKind::Call(call) if is_late_call(&call.name) => {
                return Some(Late { span: e.span, what: format!("what `{}` gives", call.name) });
            }
            _ => {}
        }
        let mut found = None;
        walk::children(e, &mut |child| {
            if found.is_none() {
                found = self.late(child, depth);
            }
        });
        found
    }

    /// What a way into a resource or module is called, when only the deployment can tell it.
    fn told_late(&self, symbol: Symbol, steps: &[Step]) -> Option<String> {
        let (name, looped, late): (_, _, &[&str]) = match symbol {
            Symbol::Resource(index) => {
                let resource = self.body.resources.get(index)?;
                (resource.symbol.as_ref()?, resource.each.is_some(), &["properties", "identity"])
            }
            Symbol::Module(index) => {
                let module = self.body.modules.get(index)?;
                (module.symbol.as_ref()?, module.each.is_some(), &["outputs", "properties"])
            }
        };
        let step = steps.get(usize::from(looped))?;
        let key = match &step.key {
            Key::Name(key) => key.as_str(),
            Key::Index(e) => e.as_str()?,
            Key::FromEnd(_) => return None,
        };
        late.contains(&key).then(|| format!("`{key}` of `{name}`"))
    }
}

fn is_late_call(name: &str) -> bool {
    ["listkeys", "listsecrets", "listaccountsas", "listservicesas", "getsecret", "references"]
        .contains(&name.to_ascii_lowercase().as_str())
}
