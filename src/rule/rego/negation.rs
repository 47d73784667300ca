//! What `not` needs. OPA takes the arguments of a negated call out of the negation before it evaluates it: with an
//! argument that is not there the whole body has no result. The engine leaves them in, so that the negation holds.
//! Policies were written and tested against OPA, so its meaning is made explicit here: the arguments are bound in
//! statements of their own before the negated one.

use std::collections::HashSet;

use regorus::unstable::{AssignOp, BoolOp, Expr, Literal, LiteralStmt, Module, Query, Rule, RuleHead};

use super::Script;
use super::script::Edit;
use super::syntax::{Node, names, rule_name, walk};

/// The edits that make a module mean what OPA takes it to mean. `rules` are the names of the rules of its package.
pub(super) fn edits(script: &Script, module: &Module, rules: &HashSet<&str>) -> Vec<Edit> {
    let mut hoister = Hoister { text: &script.text, rules, count: 0, edits: Vec::new() };
    walk(module, &mut |node| {
        if let Node::Query(query) = node {
            hoister.query(query);
        }
    });
    hoister.edits
}

/// The names of the rules that a module declares or imports.
pub(super) fn globals(module: &Module) -> impl Iterator<Item = &str> {
    let imports = module.imports.iter().filter_map(|import| match &import.r#as {
        Some(alias) => Some(alias.text()),
        None => names(&import.refr).0.last().copied(),
    });
    values(module).map(rule_name).chain(imports)
}

/// The rules of a module that have a value: all but functions.
pub(super) fn values(module: &Module) -> impl Iterator<Item = &Rule> {
    module.policy.iter().map(AsRef::as_ref).filter(|rule| match rule {
        Rule::Spec { head, .. } => !matches!(head, RuleHead::Func { .. }),
        Rule::Default { args, .. } => args.is_empty(),
    })
}

struct Hoister<'a> {
    text: &'a str,
    rules: &'a HashSet<&'a str>,
    count: usize,
    edits: Vec<Edit>,
}

impl Hoister<'_> {
    fn query(&mut self, query: &Query) {
        for statement in &query.stmts {
            let Literal::NotExpr { span, expr } = &statement.literal else {
                continue;
            };
            let mut terms = Vec::new();
            self.negated(expr, &mut terms);
            if terms.is_empty() {
                continue;
            }
            let with = self.with(statement);
            let mut bound = String::new();
            for term in &terms {
                self.count += 1;
                let (count, term) = (self.count, self.slice(term));
                bound.push_str(&format!("stamplint_arg_{count} := {term}{with}; "));
            }
            let start = span.start as usize;
            // The body of `x if not y` has no braces and room for one statement only.
            let bare = query.stmts.len() == 1
                && query.span.start as usize == start
                && !self.text.get(start..).is_some_and(|t| t.starts_with('{'));
            if bare {
                bound.insert_str(0, "{ ");
                self.edits.push(Edit::insert(statement.span.end as usize, " }"));
            }
            self.edits.push(Edit::insert(start, bound));
        }
    }

    fn slice(&self, expr: &Expr) -> String {
        let span = expr.span();
        let (mut start, mut end) = (span.start as usize, span.end as usize);
        // Spans of strings leave their quotes out.
        if matches!(expr, Expr::String { .. } | Expr::RawString { .. }) {
            start = start.saturating_sub(1);
            end += 1;
        }
        let text = self.text.get(start..end).unwrap_or_default();
        // A term over several lines has to go on one: comments would swallow the rest.
        text.lines().map(|line| super::lex::uncommented(line).trim()).collect::<Vec<_>>().join(" ")
    }

    fn with(&self, statement: &LiteralStmt) -> String {
        let mut text = String::new();
        for with in &statement.with_mods {
            text.push_str(&format!(" with {} as {}", self.slice(&with.refr), self.slice(&with.r#as)));
        }
        text
    }

    /// The terms to take out of a negated expression.
    fn negated<'e>(&self, expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
        match expr {
            Expr::RefDot { .. } | Expr::RefBrack { .. } => self.indexes(expr, terms),
            // `==` is made a unification, which takes references as they are.
            Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } | Expr::AssignExpr { op: AssignOp::Eq, lhs, rhs, .. } => {
                for side in [lhs, rhs] {
                    match side.as_ref() {
                        Expr::RefDot { .. } | Expr::RefBrack { .. } => self.indexes(side, terms),
                        Expr::Var { .. } => {}
                        _ => self.argument(side, terms),
                    }
                }
            }
            Expr::BoolExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } | Expr::BinExpr { lhs, rhs, .. } => {
                self.argument(lhs, terms);
                self.argument(rhs, terms);
            }
            Expr::Membership { key, value, collection, .. } => {
                for part in key.iter().chain([value, collection]) {
                    self.argument(part, terms);
                }
            }
            Expr::Call { params, .. } => params.iter().for_each(|p| self.argument(p, terms)),
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } | Expr::UnaryExpr { .. } => {
                self.argument(expr, terms);
            }
            _ => {}
        }
    }

    /// The terms of an argument that can be undefined.
    #[allow(clippy::collapsible_match, reason = "a guard would let the arms below see what a wildcard excludes")]
    fn argument<'e>(&self, expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
        match expr {
            Expr::RefDot { .. }
            | Expr::RefBrack { .. }
            | Expr::Call { .. }
            | Expr::ArithExpr { .. }
            | Expr::BinExpr { .. } => {
                if !has_wildcard(expr) {
                    terms.push(expr);
                }
            }
            Expr::Var { span, .. } if self.rules.contains(span.text()) => terms.push(expr),
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                items.iter().for_each(|i| self.argument(i, terms));
            }
            Expr::Object { fields, .. } => {
                for (_, key, value) in fields {
                    self.argument(key, terms);
                    self.argument(value, terms);
                }
            }
            Expr::UnaryExpr { expr, .. } => self.argument(expr, terms),
            Expr::BoolExpr { lhs, rhs, .. } => {
                self.argument(lhs, terms);
                self.argument(rhs, terms);
            }
            _ => {}
        }
    }

    /// The indexes of a reference that stays where it is.
    fn indexes<'e>(&self, expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
        let mut at = expr;
        loop {
            match at {
                Expr::RefDot { refr, .. } => at = refr,
                Expr::RefBrack { refr, index, .. } => {
                    self.argument(index, terms);
                    at = refr;
                }
                Expr::Call { .. } => {
                    self.argument(at, terms);
                    return;
                }
                _ => return,
            }
        }
    }
}

/// Whether `_` stands in a reference: it would bind something else outside of the negation.
fn has_wildcard(expr: &Expr) -> bool {
    match expr {
        Expr::Var { span, .. } => span.text() == "_",
        Expr::RefDot { refr, .. } => has_wildcard(refr),
        Expr::RefBrack { refr, index, .. } => has_wildcard(refr) || has_wildcard(index),
        Expr::Call { params, .. } => params.iter().any(|p| has_wildcard(p)),
        Expr::ArithExpr { lhs, rhs, .. } | Expr::BinExpr { lhs, rhs, .. } => has_wildcard(lhs) || has_wildcard(rhs),
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().any(|i| has_wildcard(i)),
        _ => false,
    }
}
