//! Layer 1: the one document model. Every front end ends in it: YAML, JSON, Bicep, ARM, overlays.
//!
//! A [`Value`] knows where it was written ([`Span`](crate::source::Span)) and on which way it came here
//! ([`Origin`]); a value that cannot be known before deployment is [`Kind::Unknown`] or, inside a string,
//! [`Kind::Parts`]. Values are immutable and cheap to clone: lists and maps are shared, so a hundred stamps of
//! one template hold one copy of what they have in common. It knows no format and no word of Kubernetes or Azure.

mod hash;
mod json;
mod lookup;
mod map;
mod origin;
mod path;
mod select;
mod texts;
mod unknown;
mod value;

pub use json::Json;
pub use lookup::Lookup;
pub use map::{Entry, Map};
pub use origin::{Input, Origin, Step, StepKind, Traced};
pub use path::{Found, Path, Point, Segment};
pub use select::Case;
pub use texts::Leaf;
pub use unknown::{Part, Reason, Unknown, WaitsFor};
pub use value::{Kind, List, Number, Style, Value};

/// Text of scalars and keys: up to 24 bytes are held inline.
pub type Text = compact_str::CompactString;
