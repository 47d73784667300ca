//! The rule documents and policies that are part of the binary. `build.rs` makes the tables from the folders.

use super::DocumentSource;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
