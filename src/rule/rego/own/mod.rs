//! Our own dialect: a policy beside its document, which says `deny contains {"path": [...], "msg": ...}`.

mod context;
mod load;
#[cfg(test)]
mod probing;
mod reads;
mod rule;
mod said;
mod seen;
mod view;

pub use load::{OwnRules, PolicySource};
pub use rule::{OwnRule, Running};
pub(super) use rule::{add_problem, met_at};
pub use seen::Seen;

#[cfg(test)]
mod tests;
