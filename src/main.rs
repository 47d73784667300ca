//! The `stamplint` binary.

fn main() {}
