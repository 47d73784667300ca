//! JSON values with expressions in them.

use super::Lower;
use super::calls::counter;
use crate::read::arm_expr::{self, Form};
use crate::read::embedded::DecodeMap;
use crate::resolve::template::{Element, Expr, ExprKind, For, Loop, Over, Property};
use crate::source::{Code, Problem, Span};
use crate::tree::{Entry, Kind, Text, Value};

impl Lower<'_> {
    /// A value of the template.
    pub(super) fn value(&mut self, value: &Value) -> Expr {
        if self.stack.is_low() {
            return self.too_deep(value.span);
        }
        match &value.kind {
            Kind::String(text) => self.string(value, text),
            Kind::List(items) => {
                let items = items.iter().map(|v| Element::Item(self.value(v)));
                let items = items.collect();
                Expr::array(items, value.span)
            }
            Kind::Map(entries) => {
                let properties = self.properties(entries, &[]);
                Expr::object(properties, value.span)
            }
            _ => Expr::literal(value.clone()),
        }
    }

    /// The entries of a map but those with these keys.
    pub(super) fn properties(&mut self, entries: &[Entry], without: &[&str]) -> Vec<Property> {
        let mut properties = Vec::with_capacity(entries.len());
        for entry in entries {
            if without.iter().any(|w| entry.key.eq_ignore_ascii_case(w)) {
                continue;
            }
            if entry.key.eq_ignore_ascii_case("copy") && is_copy(&entry.value) {
                for copy in entry.value.items() {
                    if let Some(name) = copy.get_ci("name") {
                        let value = self.copy_list(copy);
                        properties.push(Property::Fixed {
                            key: name.as_str().unwrap_or_default().into(),
                            key_span: name.span,
                            value,
                        });
                    }
                }
                continue;
            }
            let value = self.value(&entry.value);
            properties.push(match arm_expr::form(&entry.key) {
                Form::Literal(_) => Property::Fixed { key: entry.key.clone(), key_span: entry.key_span, value },
                Form::Escaped(text) => Property::Fixed { key: text.into(), key_span: entry.key_span, value },
                Form::Expression => {
                    let key = Value::string(entry.key.clone(), entry.key_span);
                    Property::Computed { key: self.value(&key), value }
                }
            });
        }
        properties
    }

    fn string(&mut self, value: &Value, text: &Text) -> Expr {
        match arm_expr::form(text) {
            Form::Literal(_) => Expr::literal(value.clone()),
            Form::Escaped(text) => {
                let mut literal = Value::string(text, value.span);
                literal.style = value.style;
                Expr::literal(literal)
            }
            Form::Expression => {
                let range = value.span.range();
                let plain = range.len() == text.len() || range.len() == text.len() + 2;
                let parsed = if plain {
                    arm_expr::parse(text, value.span)
                } else if let Some((source, _)) = self.home {
                    let mut quoted = value.clone();
                    quoted.style = crate::tree::Style::Double;
                    arm_expr::parse_mapped(text, &DecodeMap::of(&quoted, source))
                } else {
                    arm_expr::parse_whole(text, value.span)
                };
                match parsed {
                    // What a person edits is the whole string.
                    Ok(expr) => {
                        let mut lowered = self.expr(&expr);
                        if let ExprKind::Literal(literal) = &mut lowered.kind
                            && !literal.span.is_none()
                        {
                            literal.span = value.span;
                        }
                        lowered.span = value.span;
                        lowered
                    }
                    Err(problem) => {
                        self.template.problems.push(problem);
                        Self::broken(value.span)
                    }
                }
            }
        }
    }

    /// The list that a loop makes: of a property, a variable or an output.
    pub(super) fn copy_list(&mut self, copy: &Value) -> Expr {
        let site = copy.span;
        let (Some(count), Some(input)) = (copy.get_ci("count"), copy.get_ci("input")) else {
            self.problem(site, "a loop needs `count` and `input`");
            return Self::broken(site);
        };
        let name = copy.get_ci("name").and_then(Value::as_str).unwrap_or("");
        let over = self.copy_loop(name, count, site, self.copies.is_empty());
        let before = self.copies.len();
        self.copies.extend(over.index.iter().cloned());
        let body = self.value(input);
        self.copies.truncate(before);
        let each = For { over, filter: None, body };
        Expr::new(ExprKind::For(Box::new(each)), site)
    }

    /// A loop by name and count. `plain` says whether `copyIndex()` without a name means this one.
    pub(super) fn copy_loop(&mut self, name: &str, count: &Value, span: Span, plain: bool) -> Loop {
        let count = self.value(count);
        let mut index = vec![counter(name)];
        if plain && !name.is_empty() {
            index.push(counter(""));
        }
        Loop { item: None, index, over: Over::Count(count), span }
    }

    /// Nesting that the stack does not hold.
    pub(super) fn too_deep(&mut self, span: Span) -> Expr {
        if !self.template.problems.iter().any(|p| p.code == Code::Limit) {
            self.template.problems.push(Problem::new(Code::Limit, span, "nested too deeply"));
        }
        Self::broken(span)
    }

    /// An expression for what was said already.
    pub(super) fn broken(span: Span) -> Expr {
        Expr::new(ExprKind::Error, span)
    }
}

/// Whether a key `copy` holds loops, and not a property of that name.
fn is_copy(value: &Value) -> bool {
    value.as_list().is_some_and(|items| {
        items.iter().all(|item| ["name", "count", "input"].iter().all(|key| item.get_ci(key).is_some()))
    })
}
