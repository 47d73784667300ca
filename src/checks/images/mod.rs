//! Images and where they come from.

pub mod image_drift;
pub mod image_pull_secret;
pub mod mutable_image_tag;
pub mod unanchored_image_pattern;
pub mod unapproved_registry;
