//! Known, absent or unknown: what native rules get when they ask for a value, so that they cannot mix them up.

use super::{Kind, Unknown, Value};

/// The answer to "what stands there?".
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'v> {
    /// A value that is known (its inside may still hold unknowns).
    Known(&'v Value),
    /// Nothing stands there, or null, which Azure and Kubernetes read alike.
    Absent,
    /// It cannot be known, or something on the way to it cannot.
    Unknown(&'v Unknown),
}

impl<'v> Lookup<'v> {
    /// Classifies an optional value.
    #[must_use]
    pub fn of(value: Option<&'v Value>) -> Self {
        match value {
            None => Self::Absent,
            Some(value) => match &value.kind {
                Kind::Null => Self::Absent,
                Kind::Unknown(unknown) => Self::Unknown(unknown),
                _ => Self::Known(value),
            },
        }
    }

    /// One key further, without regard to case.
    #[must_use]
    pub fn get(self, key: &str) -> Self {
        match self {
            Self::Known(value) => Self::of(value.get_ci(key)),
            other => other,
        }
    }

    /// The known value.
    #[must_use]
    pub fn known(self) -> Option<&'v Value> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The unknown.
    #[must_use]
    pub fn unknown(self) -> Option<&'v Unknown> {
        match self {
            Self::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }
}

impl Value {
    /// Looks below dotted keys, without regard to case: `value.look("properties.networkProfile.networkPolicy")`.
    #[must_use]
    pub fn look(&self, dotted: &str) -> Lookup<'_> {
        dotted.split('.').fold(Lookup::of(Some(self)), Lookup::get)
    }
}
