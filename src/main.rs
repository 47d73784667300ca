//! The `stamplint` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(stamplint::app::main(std::env::args_os().collect()))
}
