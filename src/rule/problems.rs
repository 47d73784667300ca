//! From a reader's or resolver's problem to the rule that reports it.

use crate::source::Code;

/// The rule that reports problems of a code.
#[must_use]
pub fn rule_of(code: Code) -> &'static str {
    match code {
        Code::Syntax | Code::Unreadable | Code::NotAnalysed => "not-analysed",
        Code::DuplicateKey => "duplicate-key",
        Code::UnrenderedTemplate => "unrendered-template",
        Code::Schema => "schema-violation",
        Code::Limit => "limit-exceeded",
        Code::Template => "template-error",
        Code::Placeholder => "placeholder-left",
        Code::Render => "render-error",
        Code::Policy => "policy-error",
        Code::Fleet => "fleet-error",
        Code::Unclaimed => "unclaimed-file",
        Code::ParameterMissing => "parameter-missing",
        Code::ParameterUnknown => "parameter-unknown",
        Code::ParameterInvalid => "parameter-invalid",
    }
}
