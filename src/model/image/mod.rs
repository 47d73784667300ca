//! Container images: references as container engines read them, patterns that approve registries, and where
//! resources name images.

mod pattern;
mod reference;
mod uses;

pub use pattern::{Approval, Pattern, PatternError};
pub use reference::{Reference, ReferenceError};
pub use uses::{ImageUse, image_uses};
