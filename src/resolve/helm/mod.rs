//! Helm charts, rendered by the user's own helm, with the place of every value.
//!
//! What is here: what helm is given (a copy of the chart that holds nothing from outside the tree), what it is told, and
//! what its output means: which template and which value each part of it comes from. What is not here: how a program is
//! started, which stamp renders which chart, and what a finding is.

//!
//! A value of the output has the span of the value that a person wrote, in a values file or in the chart's own; where
//! that cannot be told, of the template's line. Its [`Rendered`](crate::tree::StepKind::Rendered) step says which, and
//! which line of the template put it there. How that is found: the chart is rendered again with marked values, and with
//! comments that name the templates' lines; see `marks` and `lines`.

mod align;
mod chart;
mod command;
mod delivered;
mod lines;
mod marks;
mod output;
mod passes;
mod place;
mod release;
mod render;
mod set;
mod template;
mod values;
mod words;

pub use delivered::{Around, Delivered, delivered};
pub use release::{Given, Release};
pub use render::{Helm, Rendered, RenderedResource};
