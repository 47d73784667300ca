//! The table of functions, sorted by name in lower case.

use super::call::{Call, Outcome};
use super::lambda::{self, Apply};
use super::{compare, list, text};

/// One function.
#[derive(Debug)]
pub struct Function {
    /// The name as Azure's documentation writes it.
    pub name: &'static str,
    /// Where it lives in Bicep.
    pub namespace: Namespace,
    /// The least number of arguments.
    pub least: usize,
    /// The greatest number of arguments.
    pub most: usize,
    /// How it is computed.
    pub body: Body,
}

/// How a function is computed.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// From evaluated arguments.
    Eager(fn(&Call<'_>) -> Outcome),
    /// From evaluated arguments and lambdas that the evaluator runs.
    Lambda {
        /// How many arguments stand before the first lambda.
        before: usize,
        /// The function.
        body: fn(&Call<'_>, usize, &mut Apply<'_>) -> Outcome,
    },
    /// By the evaluator, which decides what arguments are evaluated at all.
    Lazy,
}

/// Where a function lives in Bicep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Namespace {
    /// `sys`.
    Sys,
    /// `az`.
    Az,
    /// Only in ARM JSON; Bicep writes it as syntax.
    Arm,
}

impl Namespace {
    /// Whether Bicep calls it so.
    #[must_use]
    pub fn matches(self, name: &str) -> bool {
        match self {
            Self::Sys => name.eq_ignore_ascii_case("sys"),
            Self::Az => name.eq_ignore_ascii_case("az"),
            Self::Arm => false,
        }
    }
}

/// The function of a name, without regard to case.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    let lower = |s: &'static str| s.bytes().map(|b| b.to_ascii_lowercase());
    TABLE
        .binary_search_by(|f| lower(f.name).cmp(name.bytes().map(|b| b.to_ascii_lowercase())))
        .ok()
        .and_then(|i| TABLE.get(i))
}

/// All functions, sorted by name in lower case.
#[must_use]
pub fn all() -> &'static [Function] {
    TABLE
}

const MANY: usize = usize::MAX;

const fn row(name: &'static str, namespace: Namespace, least: usize, most: usize, body: Body) -> Function {
    Function { name, namespace, least, most, body }
}

const fn lambda(before: usize, body: fn(&Call<'_>, usize, &mut Apply<'_>) -> Outcome) -> Body {
    Body::Lambda { before, body }
}

use Body::{Eager, Lazy};
use Namespace::{Arm, Sys};

#[rustfmt::skip]
static TABLE: &[Function] = &[
    row("and", Arm, 1, MANY, Lazy),
    row("coalesce", Arm, 1, MANY, Lazy),
    row("concat", Sys, 1, MANY, Eager(text::concat)),
    row("createArray", Arm, 0, MANY, Eager(list::create_array)),
    row("createObject", Arm, 0, MANY, Eager(list::create_object)),
    row("empty", Sys, 1, 1, Eager(list::empty)),
    row("endsWith", Sys, 2, 2, Eager(text::ends_with)),
    row("equals", Arm, 2, 2, Eager(compare::equals)),
    row("false", Arm, 0, 0, Eager(compare::no)),
    row("filter", Sys, 2, 2, lambda(1, lambda::filter)),
    row("groupBy", Sys, 2, 3, lambda(1, lambda::group_by)),
    row("if", Arm, 3, 3, Lazy),
    row("length", Sys, 1, 1, Eager(list::length)),
    row("map", Sys, 2, 2, lambda(1, lambda::map)),
    row("mapValues", Sys, 2, 2, lambda(1, lambda::map_values)),
    row("not", Arm, 1, 1, Eager(compare::not)),
    row("null", Arm, 0, 0, Eager(compare::null)),
    row("or", Arm, 1, MANY, Lazy),
    row("reduce", Sys, 3, 3, lambda(2, lambda::reduce)),
    row("sort", Sys, 2, 2, lambda(1, lambda::sort)),
    row("startsWith", Sys, 2, 2, Eager(text::starts_with)),
    row("toLower", Sys, 1, 1, Eager(text::to_lower)),
    row("toObject", Sys, 2, 3, lambda(1, lambda::to_object)),
    row("toUpper", Sys, 1, 1, Eager(text::to_upper)),
    row("true", Arm, 0, 0, Eager(compare::yes)),
    row("tryGet", Arm, 2, MANY, Lazy),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        for pair in TABLE.windows(2) {
            assert!(
                pair[0].name.to_ascii_lowercase() < pair[1].name.to_ascii_lowercase(),
                "{} stands before {}",
                pair[0].name,
                pair[1].name
            );
        }
        assert!(lookup("TOLOWER").is_some());
        assert!(lookup("tolowerx").is_none());
    }
}
