//! One call: its arguments as the functions want them, and the values that they make. What a function cannot do with
//! an unknown argument it says with [`Stop::Unknown`], so that `?` carries both failures and unknowns.

use std::cell::OnceCell;
use std::sync::Arc;

use super::failure::{Failure, FailureKind};
use super::limits;
use crate::resolve::context::Context;
use crate::source::Span;
use crate::tree::{Entry, Input, Kind, Map, Origin, Part, Reason, StepKind, Text, Unknown, Value, WaitsFor};

/// Why a function gave no known value.
#[derive(Debug)]
pub enum Stop {
    /// Something that it needs is not known.
    Unknown(Arc<Unknown>),
    /// It failed.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What a function gives.
pub type Outcome = Result<Value, Stop>;

/// A call of one function.
#[derive(Debug)]
pub struct Call<'a> {
    /// The function's name.
    pub name: &'a str,
    /// The evaluated arguments. Their number is checked before the function runs.
    pub args: &'a [Value],
    /// Where the call is written.
    pub site: Span,
    /// The deployment's context.
    pub cx: &'a Context,
    /// The origin of what the call makes: one for all of it.
    made: OnceCell<Origin>,
}

impl<'a> Call<'a> {
    /// A call.
    pub fn new(name: &'a str, args: &'a [Value], site: Span, cx: &'a Context) -> Self {
        Self { name, args, site, cx, made: OnceCell::new() }
    }

    /// A failure of this call.
    pub fn fail(&self, detail: impl std::fmt::Display) -> Stop {
        self.failure(FailureKind::Value, detail)
    }

    /// A failure of a kind.
    pub fn failure(&self, kind: FailureKind, detail: impl std::fmt::Display) -> Stop {
        Stop::Failed(Failure::new(kind, format!("`{}` {detail}", self.name)))
    }

    /// An argument; null where it was left out.
    pub fn arg(&self, index: usize) -> &'a Value {
        static ABSENT: Value =
            Value { kind: Kind::Null, span: Span::NONE, style: crate::tree::Style::Plain, origin: Origin::NONE };
        self.args.get(index).unwrap_or(&ABSENT)
    }

    /// An argument that may be left out; `None` for null too.
    pub fn optional(&self, index: usize) -> Option<&'a Value> {
        self.args.get(index).filter(|v| !v.is_null())
    }

    /// A wrong type.
    pub fn mismatch(&self, value: &Value, wanted: &str) -> Stop {
        if let Some(stop) = unknown_of(value) {
            return stop;
        }
        let place = self
            .args
            .iter()
            .position(|arg| std::ptr::eq(arg, value))
            .map(|i| format!(" as argument {}", i + 1))
            .unwrap_or_default();
        self.failure(FailureKind::Arguments, format_args!("expects {wanted}{place}, not a {}", value.type_name()))
    }

    /// A wholly known string. Null counts as empty text, as it does for Azure.
    pub fn text(&self, index: usize) -> Result<&'a str, Stop> {
        let value = self.arg(index);
        match &value.kind {
            Kind::String(text) => Ok(text),
            Kind::Null => Ok(""),
            _ => Err(self.mismatch(value, "a string")),
        }
    }

    /// A string that may be left out.
    pub fn optional_text(&self, index: usize) -> Result<Option<&'a str>, Stop> {
        match self.optional(index) {
            None => Ok(None),
            Some(_) => self.text(index).map(Some),
        }
    }

    /// A whole number.
    pub fn int(&self, index: usize) -> Result<i64, Stop> {
        let value = self.arg(index);
        value.as_i64().ok_or_else(|| self.mismatch(value, "a whole number"))
    }

    /// A truth value.
    pub fn truth(&self, index: usize) -> Result<bool, Stop> {
        let value = self.arg(index);
        value.as_bool().ok_or_else(|| self.mismatch(value, "a boolean"))
    }

    /// A list.
    pub fn list(&self, index: usize) -> Result<&'a [Value], Stop> {
        let value = self.arg(index);
        value.as_list().ok_or_else(|| self.mismatch(value, "a list"))
    }

    /// A map.
    pub fn map(&self, index: usize) -> Result<&'a Map, Stop> {
        let value = self.arg(index);
        value.as_map().ok_or_else(|| self.mismatch(value, "an object"))
    }

    /// A value made by this call: it stands at the call and comes from the arguments.
    pub fn make(&self, kind: Kind) -> Value {
        Value::new(kind, self.site).with_origin(self.made.get_or_init(|| composed(self.args, self.site)).clone())
    }

    /// A string made by this call.
    pub fn string(&self, text: impl Into<Text>) -> Value {
        self.make(Kind::String(text.into()))
    }

    /// A truth value made by this call.
    pub fn bool(&self, value: bool) -> Value {
        self.make(Kind::Bool(value))
    }

    /// A whole number made by this call.
    pub fn number(&self, value: i64) -> Value {
        self.make(Kind::Number(crate::tree::Number::Int(value)))
    }

    /// A list made by this call. The items keep their own places.
    pub fn items(&self, items: Vec<Value>) -> Outcome {
        if items.len() > limits::ITEMS {
            return Err(self.limit(format_args!("makes a list of {} items", items.len())));
        }
        Ok(self.make(Kind::List(Arc::new(items.into()))))
    }

    /// A map made by this call. The entries keep their own places.
    pub fn entries(&self, entries: Vec<Entry>) -> Outcome {
        if entries.len() > limits::ITEMS {
            return Err(self.limit(format_args!("makes an object of {} keys", entries.len())));
        }
        Ok(self.make(Kind::Map(Arc::new(entries.into()))))
    }

    /// A limit was reached.
    pub fn limit(&self, detail: impl std::fmt::Display) -> Stop {
        self.failure(FailureKind::Limit, detail)
    }

    /// Something that cannot be computed offline.
    pub fn not_offline(&self, what: impl Into<Text>) -> Stop {
        Stop::Unknown(Arc::new(Unknown::new(Reason::Function, WaitsFor::Text(what.into()))))
    }
}

/// The first unknown in a value that is unknown or partly known text.
pub fn unknown_of(value: &Value) -> Option<Stop> {
    match &value.kind {
        Kind::Unknown(unknown) => Some(Stop::Unknown(unknown.clone())),
        Kind::Parts(parts) => parts.iter().find_map(|part| match part {
            Part::Unknown(unknown) => Some(Stop::Unknown(unknown.clone())),
            Part::Text(_) => None,
        }),
        _ => None,
    }
}

/// The first unknown anywhere in a value.
pub fn unknown_within(value: &Value) -> Option<Stop> {
    match &value.kind {
        Kind::List(list) => list.iter().find_map(unknown_within),
        Kind::Map(map) => map.iter().find_map(|e| unknown_within(&e.value)),
        _ => unknown_of(value),
    }
}

/// The origin of a value that an expression at `site` composed from others. Literals that are written in the
/// expression itself are left out: the expression's own place covers them.
#[must_use]
pub fn composed(from: &[Value], site: Span) -> Origin {
    let inputs = from
        .iter()
        .filter(|v| !v.origin.is_empty() || !(v.span.is_none() || site.contains(v.span)))
        .map(|v| Input { span: v.span, origin: v.origin.clone() })
        .collect();
    Origin::default().push(StepKind::Composed, site, None, inputs)
}
