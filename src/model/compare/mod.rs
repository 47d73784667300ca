//! Stamps side by side: which of them go together, what differs between them by its nature, and which one is odd.

mod diff;
mod groups;
mod hash;
mod leaves;
mod nature;
mod owned;
mod role;
mod shared;
mod unshared;

pub use diff::{Difference as StampDifference, Side, Subject, Why, diff};
pub use groups::{Outlier, by_environment, environments, outliers};
pub use hash::natural_hash;
pub use leaves::{Leaf, differing_leaves};
pub use nature::{Tokens, natural};
pub use owned::{Owned, VAULT};
pub use role::{Role, role_of};
pub use shared::{Common, Difference, Said, shared_differences};
pub use unshared::unshared;
