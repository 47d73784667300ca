//! What the linter could not, or should not have to, read. Most of the family are problems that readers report.

mod schema;
pub mod schema_violation;
mod template;
pub mod unrendered_template;
