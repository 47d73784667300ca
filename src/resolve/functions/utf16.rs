//! Positions in strings as Azure counts them: in UTF-16 units.

/// The length in UTF-16 units.
pub fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The part between two positions, which are cut to the string's length. Half a surrogate pair shows as U+FFFD.
pub fn slice(text: &str, start: usize, end: usize) -> String {
    if text.is_ascii() {
        let end = end.min(text.len());
        return text.get(start.min(end)..end).unwrap_or_default().to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end.saturating_sub(start)).collect();
    String::from_utf16_lossy(&units)
}

/// The position of a byte offset.
pub fn position(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, len)
}

/// Lower case as .NET's invariant culture has it: one character gives one character.
pub fn lower(text: &str) -> String {
    fold(text, str::to_ascii_lowercase, |c| {
        let mut lower = c.to_lowercase();
        (lower.next(), lower.next())
    })
}

/// Upper case, likewise: `ß` stays.
pub fn upper(text: &str) -> String {
    fold(text, str::to_ascii_uppercase, |c| {
        let mut upper = c.to_uppercase();
        (upper.next(), upper.next())
    })
}

fn fold(text: &str, ascii: impl Fn(&str) -> String, one: impl Fn(char) -> (Option<char>, Option<char>)) -> String {
    if text.is_ascii() {
        return ascii(text);
    }
    text.chars()
        .map(|c| match one(c) {
            (Some(single), None) => single,
            _ => c,
        })
        .collect()
}

/// Where `wanted` stands first in `text` without regard to case, in UTF-16 units.
pub fn find(text: &str, wanted: &str) -> Option<usize> {
    let text = lower(text);
    text.find(&lower(wanted)).map(|at| position(&text, at))
}

/// Where `wanted` stands last in `text` without regard to case, in UTF-16 units.
pub fn rfind(text: &str, wanted: &str) -> Option<usize> {
    let text = lower(text);
    text.rfind(&lower(wanted)).map(|at| position(&text, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_utf16_units() {
        assert_eq!(len("a😀b"), 4);
        assert_eq!(slice("a😀b", 0, 3), "a😀");
        assert_eq!(slice("a😀b", 2, 4), "\u{fffd}b");
        assert_eq!(slice("abc", 2, 9), "c");
        assert_eq!(slice("abc", 5, 9), "");
        assert_eq!(upper("straße"), "STRAßE");
        assert_eq!(find("FOOBAR", "bar"), Some(3));
    }
}
