//! Integration tests, in one binary: they link once.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod action;
#[path = "../../harness/disk.rs"]
mod disk;
#[path = "../../harness/kustomize_compare.rs"]
mod kustomize_compare;
#[path = "../../harness/kustomize_generate.rs"]
mod kustomize_generate;

mod architecture;
mod charts;
mod cli;
mod commands;
mod config;
mod first_contact;
mod fleets;
mod formats;
mod front_door;
mod gate;
mod hook;
mod hostile;
mod inference;
mod overlays;
mod policies;
mod read_hostile;
mod read_spans;
mod readme;
mod rego_page;
mod rule_documents;
mod rule_pages;
mod sarif;
mod sarif_examples;
mod scaffold;
mod stable;
mod support;
mod suppressions;
mod templates;
mod unmoved;
mod whole;
