//! Integration tests, in one binary: they link once.

mod rule_documents;
mod sarif;
