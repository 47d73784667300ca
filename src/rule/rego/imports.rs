//! What an import stands for, written out. The engine evaluates all of an imported package when one of its rules is
//! asked for by the import's name; asked for by its own path, it evaluates that rule alone, as OPA does.

use std::collections::{HashMap, HashSet};

use regorus::unstable::{AssignOp, Expr, Literal, Module, Query, Rule, RuleHead};

use super::script::Edit;
use super::syntax::{Node, names, walk_rule};

/// The edits that write imports out.
pub(super) fn edits(module: &Module) -> Vec<Edit> {
    let imports: HashMap<&str, String> = module
        .imports
        .iter()
        .filter_map(|import| {
            let (path, whole) = names(&import.refr);
            let alias = import.r#as.as_ref().map(|a| a.text()).or(path.last().copied())?;
            (whole && path.len() > 1 && path.first() == Some(&"data")).then(|| (alias, written(&path)))
        })
        .collect();
    let mut edits = Vec::new();
    if imports.is_empty() {
        return edits;
    }
    for rule in &module.policy {
        let declared = declared(rule);
        let mut seen = HashSet::new();
        walk_rule(rule, &mut |node| {
            if let Node::Expr(expr @ (Expr::RefDot { .. } | Expr::RefBrack { .. })) = node
                && let Some(root) = root(expr)
                && !declared.contains(root.text())
                && let Some(path) = imports.get(root.text())
                && seen.insert(root.start)
            {
                edits.push(Edit { start: root.start as usize, end: root.end as usize, text: path.clone() });
            }
        });
    }
    edits
}

fn written(path: &[&str]) -> String {
    let (package, last) = path.split_at(path.len().saturating_sub(1));
    let package: Vec<&str> = package.iter().skip(1).copied().collect();
    super::rule_path(&package, last.first().copied().unwrap_or_default())
}

fn root(expr: &Expr) -> Option<&regorus::unstable::Span> {
    match expr {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => match refr.as_ref() {
            Expr::Var { span, .. } => Some(span),
            other => root(other),
        },
        _ => None,
    }
}

/// The names that a rule gives to values of its own: they hide imports.
fn declared(rule: &Rule) -> HashSet<String> {
    let mut found = HashSet::new();
    if let Rule::Spec { head: RuleHead::Func { args, .. }, .. } = rule {
        args.iter().for_each(|a| variables(a, &mut found));
    }
    walk_rule(rule, &mut |node| match node {
        Node::Query(query) => statements(query, &mut found),
        Node::Expr(Expr::AssignExpr { op: AssignOp::ColEq, lhs, .. }) => variables(lhs, &mut found),
        Node::Expr(_) => {}
    });
    found
}

fn statements(query: &Query, found: &mut HashSet<String>) {
    for statement in &query.stmts {
        match &statement.literal {
            Literal::SomeVars { vars, .. } => found.extend(vars.iter().map(|v| v.text().to_owned())),
            Literal::SomeIn { key, value, .. } => {
                key.iter().for_each(|k| variables(k, found));
                variables(value, found);
            }
            Literal::Every { key, value, .. } => {
                found.extend(key.iter().map(|k| k.text().to_owned()));
                found.insert(value.text().to_owned());
            }
            Literal::Expr { .. } | Literal::NotExpr { .. } => {}
        }
    }
}

fn variables(expr: &Expr, found: &mut HashSet<String>) {
    match expr {
        Expr::Var { span, .. } => {
            found.insert(span.text().to_owned());
        }
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().for_each(|i| variables(i, found)),
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| variables(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::rego::Script;

    #[test]
    fn imports_are_written_out_unless_hidden() {
        let text = "package p\nimport data.a.b\nimport data.c[\"x-y\"] as c\nimport input.z\n\
            r := b.q + c.w[b.i]\nf(b) := b.q\ns if { some c in b.list; c.w }\nt := b.f(b.q)\nu := z.k";
        let mut engine = regorus::Engine::new();
        engine.add_policy("p".into(), text.into()).unwrap();
        let module = engine.get_modules()[0].clone();
        let edited = Script::text("p", text).edited(edits(&module)).text.to_string();
        let body: Vec<&str> = edited.lines().skip(4).collect();
        assert_eq!(
            body,
            [
                "r := data.a.b.q + data.c[\"x-y\"].w[data.a.b.i]",
                "f(b) := b.q",
                "s if { some c in data.a.b.list; c.w }",
                "t := b.f(data.a.b.q)",
                "u := z.k",
            ]
        );
    }
}
