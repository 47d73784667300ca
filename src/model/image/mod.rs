//! Container images: references as container engines read them, patterns that approve registries, and where
//! resources name images.

mod approved;
mod expression;
mod pattern;
mod reference;
mod uses;

pub use approved::approved_registries;
pub use expression::{HostShape, host_shapes, is_anchored};
pub use pattern::{Approval, Pattern, PatternError};
pub use reference::{Reference, ReferenceError};
pub use uses::{ImageUse, image_uses};
