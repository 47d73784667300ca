//! The header that Front Door sends, and what is compared with it.

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::tree::Value;

/// The header that carries the id of the Front Door that a request came through.
pub const FDID: &str = "X-Azure-FDID";

/// Whether a header's name is the one, in any case.
#[must_use]
pub fn is_fdid(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(FDID)
}

/// Whether a text is a GUID: 8-4-4-4-12 hexadecimal digits.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Whether a value may be an id at all: unknown ones are.
#[must_use]
pub fn may_be_id(value: &Value) -> bool {
    value.has_unknown() || value.as_str().is_some()
}

/// The texts that an anchored pattern matches and no others; none for one that matches more, or is not anchored.
#[must_use]
pub fn exact(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.strip_prefix("(?i)").unwrap_or(pattern);
    // `^(?!id).*$` and the like are not understood by the library; they are taken apart elsewhere.
    let hir = regex_syntax::ParserBuilder::new().nest_limit(32).build().parse(pattern).ok()?;
    let mut parts: Vec<Hir> = match hir.kind() {
        HirKind::Concat(parts) => parts.clone(),
        _ => return None,
    };
    let begins = matches!(parts.first().map(Hir::kind), Some(HirKind::Look(Look::Start)));
    let ends = matches!(parts.last().map(Hir::kind), Some(HirKind::Look(Look::End)));
    if !begins || !ends {
        return None;
    }
    parts.pop();
    parts.remove(0);
    let mut texts = vec![String::new()];
    for part in parts {
        let tails = literals(&part)?;
        if texts.len().saturating_mul(tails.len()) > 64 {
            return None;
        }
        texts = texts.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect();
    }
    Some(texts)
}

fn literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Concat(parts) => {
            let mut texts = vec![String::new()];
            for part in parts {
                let tails = literals(part)?;
                if texts.len().saturating_mul(tails.len()) > 64 {
                    return None;
                }
                texts = texts.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect();
            }
            Some(texts)
        }
        HirKind::Alternation(parts) => {
            let mut texts = Vec::new();
            for part in parts {
                texts.extend(literals(part)?);
            }
            Some(texts)
        }
        _ => None,
    }
}

/// Whether a pattern matches the text at its beginning, its end, or anywhere: used to see whether an attacker's value fits.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> Option<bool> {
    let regex = regex::RegexBuilder::new(pattern).size_limit(1 << 18).build().ok()?;
    Some(regex.is_match(text))
}

/// The ids that `^(?!id).*$` turns away all but: a negative look-ahead at the beginning.
#[must_use]
pub fn all_but(pattern: &str) -> Option<Vec<String>> {
    let rest = pattern.strip_prefix("^(?!")?;
    let (inside, tail) = rest.rsplit_once(')')?;
    if !matches!(tail, "" | ".*" | ".*$" | ".+$" | ".+") {
        return None;
    }
    let inside = inside.strip_prefix('(').and_then(|i| i.strip_suffix(')')).unwrap_or(inside);
    let ids: Vec<String> = inside.split('|').map(|i| i.trim_end_matches('$').replace("\\-", "-")).collect();
    let plain = |id: &String| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    ids.iter().all(plain).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchored_patterns_of_ids() {
        let id = "421a1e5d-ee82-4dd6-b8ed-6cb67285f846";
        assert!(is_guid(id) && !is_guid("421a1e5d-ee82-4dd6-b8ed-6cb67285f84"));
        assert_eq!(exact(&format!("^{id}$")), Some(vec![id.to_owned()]));
        assert_eq!(exact(&format!("^{}$", id.replace('-', "\\-"))), Some(vec![id.to_owned()]));
        assert_eq!(exact("^(a-1|b-2)$"), Some(vec!["a-1".to_owned(), "b-2".to_owned()]));
        for open in [id, "^a", "a$", "^[0-9a-f-]{36}$", "^a.*$", "^a|b$", "("] {
            assert_eq!(exact(open), None, "{open}");
        }
        assert_eq!(all_but(&format!("^(?!{id}).*$")), Some(vec![id.to_owned()]));
        assert_eq!(all_but("^(?!.*)$"), None);
    }
}
