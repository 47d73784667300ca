//! `regex.template_match`: a text with patterns between delimiters.

use regex::Regex;
use regorus::Value;

use super::{or_undefined, string};

pub(super) fn template_match(arguments: &[Value]) -> Value {
    let (Some(template), Some(text), Some(open), Some(close)) =
        (string(arguments, 0), string(arguments, 1), string(arguments, 2), string(arguments, 3))
    else {
        return Value::Undefined;
    };
    or_undefined(pattern(template, open, close).map(|pattern| pattern.is_match(text)))
}

/// `None` for delimiters that do not pair, or a pattern that is none.
fn pattern(template: &str, open: &str, close: &str) -> Option<Regex> {
    let single = |text: &str| text.chars().next().filter(|c| text.len() == c.len_utf8());
    let (open, close) = (single(open)?, single(close)?);
    let mut whole = String::from("^");
    let mut plain = String::new();
    let mut inner = String::new();
    let mut depth = 0usize;
    for c in template.chars() {
        let closes = c == close && depth > 0;
        if c == open && !closes {
            depth += 1;
            if depth == 1 {
                whole.push_str(&regex::escape(&std::mem::take(&mut plain)));
                continue;
            }
        } else if c == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                whole.push_str(&format!("({})", std::mem::take(&mut inner)));
                continue;
            }
        }
        if depth == 0 { plain.push(c) } else { inner.push(c) }
    }
    whole.push_str(&regex::escape(&plain));
    whole.push('$');
    if depth > 0 { None } else { Regex::new(&whole).ok() }
}
