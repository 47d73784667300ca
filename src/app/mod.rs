//! Layer 9: the command line, the config, and the session that reads, resolves, checks and reports. The only IO.
//!
//! It holds no rule's logic and renders nothing: it fetches what the layers below ask for and hands results on.

#![allow(clippy::disallowed_methods, reason = "files, the environment and programs belong to this layer")]

mod accepted;
pub mod assemble;
mod baseline;
mod charts;
pub mod cli;
mod commands;
pub mod config;
mod deploy;
pub mod disk;
pub mod examples;
mod facts;
pub mod failure;
mod git;
mod gitops;
pub mod helm;
mod hints;
pub mod index;
mod narrow;
mod output;
pub mod policies;
pub mod progress;
mod render;
pub mod root;
mod said;
pub mod session;
mod summary;
mod unclaimed;
pub mod walk;

pub use commands::main;
