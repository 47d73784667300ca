//! Images and where they come from.

pub mod mutable_image_tag;
pub mod unapproved_registry;
