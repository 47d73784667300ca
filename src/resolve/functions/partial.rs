//! Text of known and unknown pieces: how it is built, and what can be said of it although parts are missing.

use std::sync::Arc;

use super::call::{Call, Outcome, Stop};
use super::limits;
use crate::tree::{Kind, Part, Unknown, Value};

/// Text that is being built.
#[derive(Default, Debug)]
pub struct Builder {
    done: Vec<Part>,
    text: String,
    bytes: usize,
}

impl Builder {
    /// Appends known text.
    pub fn text(&mut self, call: &Call<'_>, text: &str) -> Result<(), Stop> {
        self.bytes += text.len();
        if self.bytes > limits::TEXT {
            return Err(call.limit("makes a string that is too long"));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Appends what is not known.
    pub fn unknown(&mut self, unknown: &Arc<Unknown>) {
        if !self.text.is_empty() {
            self.done.push(Part::Text(std::mem::take(&mut self.text).into()));
        }
        self.done.push(Part::Unknown(unknown.clone()));
    }

    /// Appends the pieces of a partly known string.
    pub fn parts(&mut self, call: &Call<'_>, parts: &[Part]) -> Result<(), Stop> {
        for part in parts {
            match part {
                Part::Text(text) => self.text(call, text)?,
                Part::Unknown(unknown) => self.unknown(unknown),
            }
        }
        Ok(())
    }

    /// Appends text that may have gaps.
    pub fn partial(&mut self, call: &Call<'_>, text: Partial<'_>) -> Result<(), Stop> {
        match text {
            Partial::Known(text) => self.text(call, text),
            Partial::Some(parts) => self.parts(call, parts),
            Partial::None(unknown) => {
                self.unknown(unknown);
                Ok(())
            }
        }
    }

    /// What was built: a string when all is known, unknown when nothing is.
    pub fn kind(mut self) -> Kind {
        if self.done.is_empty() {
            return Kind::String(self.text.into());
        }
        if !self.text.is_empty() {
            self.done.push(Part::Text(self.text.into()));
        }
        match self.done.as_slice() {
            [Part::Unknown(unknown)] => Kind::Unknown(unknown.clone()),
            _ => Kind::Parts(self.done.into()),
        }
    }
}

/// Text of which pieces may be missing.
#[derive(Clone, Copy, Debug)]
pub enum Partial<'v> {
    /// All of it is known.
    Known(&'v str),
    /// Some of it is known.
    Some(&'v [Part]),
    /// Nothing is known.
    None(&'v Arc<Unknown>),
}

impl<'v> Partial<'v> {
    /// An argument as text. Null counts as empty text, as it does for Azure.
    pub fn of(call: &Call<'_>, value: &'v Value) -> Result<Self, Stop> {
        match &value.kind {
            Kind::String(text) => Ok(Self::Known(text)),
            Kind::Null => Ok(Self::Known("")),
            Kind::Parts(parts) => Ok(Self::Some(parts)),
            Kind::Unknown(unknown) => Ok(Self::None(unknown)),
            _ => Err(call.mismatch(value, "a string")),
        }
    }

    /// The known text before the first gap.
    pub fn head(self) -> &'v str {
        match self {
            Self::Known(text) => text,
            Self::Some([Part::Text(text), ..]) => text,
            _ => "",
        }
    }

    /// The known text after the last gap.
    pub fn tail(self) -> &'v str {
        match self {
            Self::Known(text) => text,
            Self::Some([.., Part::Text(text)]) => text,
            _ => "",
        }
    }

    /// The known pieces.
    pub fn texts(self) -> impl Iterator<Item = &'v str> {
        let (whole, parts) = match self {
            Self::Known(text) => (Some(text), &[][..]),
            Self::Some(parts) => (None, parts),
            Self::None(_) => (None, &[][..]),
        };
        whole.into_iter().chain(parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Unknown(_) => None,
        }))
    }

    /// What is missing, where something is.
    pub fn gap(self) -> Option<Stop> {
        match self {
            Self::Known(_) => None,
            Self::None(unknown) => Some(Stop::Unknown(unknown.clone())),
            Self::Some(parts) => parts.iter().find_map(|part| match part {
                Part::Unknown(unknown) => Some(Stop::Unknown(unknown.clone())),
                Part::Text(_) => None,
            }),
        }
    }

    /// The text with each known piece changed on its own. Right only for changes that look at one character at a
    /// time, such as a change of case.
    pub fn map(self, call: &Call<'_>, change: impl Fn(&str) -> String) -> Outcome {
        let mut out = Builder::default();
        match self {
            Self::Known(text) => out.text(call, &change(text))?,
            Self::None(unknown) => out.unknown(unknown),
            Self::Some(parts) => {
                for part in parts {
                    match part {
                        Part::Text(text) => out.text(call, &change(text))?,
                        Part::Unknown(unknown) => out.unknown(unknown),
                    }
                }
            }
        }
        Ok(call.make(out.kind()))
    }
}
