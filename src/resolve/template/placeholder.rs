//! Text that somebody was to replace, by its form alone.

/// Whether text is, or holds, a placeholder: `<your-…>`, `[…-here]`, the word `TODO`, a GUID of zeros.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    in_angles(text) || in_brackets(text) || is_prose_in_brackets(text) || has_todo(text) || has_zero_guid(text)
}

/// `<name>` or `<some words>`: a letter first, then letters, digits and what joins words. Markup with attributes or a
/// closing tag is none.
fn in_angles(text: &str) -> bool {
    if text.contains("</") || text.contains("/>") {
        return false;
    }
    text.split('<').skip(1).any(|rest| {
        let Some((inner, _)) = rest.split_once('>') else {
            return false;
        };
        inner.starts_with(|c: char| c.is_ascii_alphabetic())
            && inner.len() > 1
            && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.' | '\'' | '/' | ':' | ','))
    })
}

/// `[… here]`, `[…-here]`.
fn in_brackets(text: &str) -> bool {
    text.split('[').skip(1).any(|rest| {
        rest.split_once(']').is_some_and(|(inner, _)| {
            let inner = inner.trim().to_ascii_lowercase();
            inner.strip_suffix("here").is_some_and(|before| before.ends_with(['-', '_', ' ']))
        })
    })
}

/// `[base64 cert data]`, `[your-tenant-id]`: words where a value was to be, and nothing else.
fn is_prose_in_brackets(text: &str) -> bool {
    let Some(inner) = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let mut words = inner.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    match second {
        Some(second) => is_word(first) && second.starts_with(|c: char| c.is_ascii_alphabetic()),
        None => is_word(first) && first.split(['-', '_']).any(|part| part.eq_ignore_ascii_case("your")),
    }
}

fn has_todo(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "TODO")
}

fn has_zero_guid(text: &str) -> bool {
    text.contains("00000000-0000-0000-0000-000000000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for text in [
            "<container-registry-id>",
            "<your-tenant-id>",
            "/subscriptions/<subscription id>/resourceGroups/x",
            "[admin-group-here]",
            "[put the id here]",
            "[base64 cert data]",
            "[guid--your-cluster-tenant-ID]",
            "[the value of DOMAIN (e.g. x.com)]",
            "TODO: ask",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "",
            "a < b and c > d",
            "[a, b]",
            "[concat('a', 'b')]",
            "[a-z ]",
            "[\"a\" \"b\"]",
            "[INFO] x y",
            "<b>bold</b>",
            "[parameters('here')]",
            "TODOs",
            "eastus2",
            "[1]",
            "x -> y",
            "<1>",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
