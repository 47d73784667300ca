//! Helm charts, rendered by the user's own helm, with the place of every value.
//!
//! What is here: what helm is given (a copy of the chart that holds nothing from outside the tree), what it is told, and
//! what its output means: which template and which value each part of it comes from. What is not here: how a program is
//! started, which stamp renders which chart, and what a finding is.

mod chart;
mod command;
mod output;
mod release;
mod render;
mod words;

pub use release::{Given, Release};
pub use render::{Helm, Rendered, RenderedResource};
