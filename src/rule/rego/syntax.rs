//! Walks over the engine's syntax tree, which the engine exposes without promising to keep it: this file and its two
//! callers are what an upgrade of the engine may touch.

use regorus::unstable::{Expr, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleHead};

/// What a walk meets.
pub(super) enum Node<'a> {
    /// The statements of a body, comprehension or `every`.
    Query(&'a Query),
    /// An expression.
    Expr(&'a Expr),
}

/// Calls `visit` for each query and expression of a module, outer ones first.
pub(super) fn walk<'a>(module: &'a Module, visit: &mut dyn FnMut(Node<'a>)) {
    for rule in &module.policy {
        walk_rule(rule, visit);
    }
}

/// The same for one rule.
pub(super) fn walk_rule<'a>(rule: &'a Rule, visit: &mut dyn FnMut(Node<'a>)) {
    match rule {
        Rule::Default { value, .. } => expr(value, visit),
        Rule::Spec { head, bodies, .. } => {
            match head {
                RuleHead::Compr { refr, assign, .. } => {
                    indexes(refr, visit);
                    assign.iter().for_each(|a| expr(&a.value, visit));
                }
                RuleHead::Set { refr, key, .. } => {
                    indexes(refr, visit);
                    key.iter().for_each(|k| expr(k, visit));
                }
                RuleHead::Func { args, assign, .. } => {
                    args.iter().for_each(|a| expr(a, visit));
                    assign.iter().for_each(|a| expr(&a.value, visit));
                }
            }
            for body in bodies {
                body.assign.iter().for_each(|a| expr(&a.value, visit));
                query(&body.query, visit);
            }
        }
    }
}

/// The indexes of a rule's head; its name is no reference.
fn indexes<'a>(refr: &'a Expr, visit: &mut dyn FnMut(Node<'a>)) {
    let mut at = refr;
    loop {
        match at {
            Expr::RefDot { refr, .. } => at = refr,
            Expr::RefBrack { refr, index, .. } => {
                expr(index, visit);
                at = refr;
            }
            _ => return,
        }
    }
}

fn query<'a>(node: &'a Query, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Query(node));
    for statement in &node.stmts {
        for part in parts(statement) {
            expr(part, visit);
        }
        if let Literal::Every { query: inner, .. } = &statement.literal {
            query(inner, visit);
        }
    }
}

/// The expressions that a statement is made of.
fn parts(statement: &LiteralStmt) -> Vec<&Ref<Expr>> {
    let mut found = Vec::new();
    match &statement.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { key, value, collection, .. } => {
            found.extend(key);
            found.push(value);
            found.push(collection);
        }
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => found.push(expr),
        Literal::Every { domain, .. } => found.push(domain),
    }
    for with in &statement.with_mods {
        found.push(&with.refr);
        found.push(&with.r#as);
    }
    found
}

fn expr<'a>(node: &'a Expr, visit: &mut dyn FnMut(Node<'a>)) {
    visit(Node::Expr(node));
    match node {
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().for_each(|i| expr(i, visit));
        }
        Expr::Object { fields, .. } => {
            for (_, key, value) in fields {
                expr(key, visit);
                expr(value, visit);
            }
        }
        Expr::ArrayCompr { term, query: inner, .. } | Expr::SetCompr { term, query: inner, .. } => {
            query(inner, visit);
            expr(term, visit);
        }
        Expr::ObjectCompr { key, value, query: inner, .. } => {
            query(inner, visit);
            expr(key, visit);
            expr(value, visit);
        }
        Expr::Call { params, .. } => params.iter().for_each(|p| expr(p, visit)),
        Expr::UnaryExpr { expr: inner, .. } => expr(inner, visit),
        Expr::RefDot { .. } | Expr::RefBrack { .. } => below_reference(node, visit),
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            expr(lhs, visit);
            expr(rhs, visit);
        }
        Expr::Membership { key, value, collection, .. } => {
            key.iter().for_each(|k| expr(k, visit));
            expr(value, visit);
            expr(collection, visit);
        }
        _ => {}
    }
}

/// What stands in a reference: its indexes, and what it begins with where that is no name. The references that are its
/// beginnings are not met.
fn below_reference<'a>(node: &'a Expr, visit: &mut dyn FnMut(Node<'a>)) {
    let mut at = node;
    loop {
        match at {
            Expr::RefDot { refr, .. } => at = refr,
            Expr::RefBrack { refr, index, .. } => {
                expr(index, visit);
                at = refr;
            }
            Expr::Var { .. } => return,
            other => return expr(other, visit),
        }
    }
}

/// The segments of a reference, `None` for one that is not fixed.
pub(super) fn segments(node: &Expr) -> Vec<Option<&str>> {
    let mut found = Vec::new();
    let mut at = node;
    loop {
        match at {
            Expr::RefDot { refr, field, .. } => {
                found.push(Some(field.0.text()));
                at = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                found.push(match index.as_ref() {
                    Expr::String { value: regorus::Value::String(name), .. } => Some(&**name),
                    _ => None,
                });
                at = refr;
            }
            Expr::Var { span, .. } => {
                found.push(Some(span.text()));
                found.reverse();
                return found;
            }
            _ => return Vec::new(),
        }
    }
}

/// The names of a reference as far as they are fixed: `data.a["b"].c[i]` is `data`, `a`, `b`, `c`, and not whole.
pub(super) fn names(node: &Expr) -> (Vec<&str>, bool) {
    let mut names = Vec::new();
    let mut whole = true;
    let mut at = node;
    loop {
        match at {
            Expr::RefDot { refr, field, .. } => {
                names.push(field.0.text());
                at = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                match index.as_ref() {
                    Expr::String { value: regorus::Value::String(name), .. } => names.push(name),
                    _ => {
                        names.clear();
                        whole = false;
                    }
                }
                at = refr;
            }
            Expr::Var { span, .. } => {
                names.push(span.text());
                names.reverse();
                return (names, whole);
            }
            _ => return (Vec::new(), false),
        }
    }
}

/// The name of a rule: the first name of its head.
pub(super) fn rule_name(rule: &Rule) -> &str {
    let refr = match rule {
        Rule::Default { refr, .. } => refr,
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. } => refr,
        },
    };
    names(refr).0.first().copied().unwrap_or_default()
}
