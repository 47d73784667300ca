//! Bytes to text. Which files are read is not decided here.

use crate::source::Encoding;

/// The bytes are neither UTF-8 nor UTF-16.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it is not text (neither UTF-8 nor UTF-16)")]
pub struct NotText {
    /// The first byte that fits no encoding.
    pub offset: usize,
}

/// Decodes a file. UTF-16 is known by its byte order mark, or by the zeros that text of mostly ASCII shows; the
/// mark itself is not part of the text.
///
/// # Errors
/// When the bytes are text in none of the encodings.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), NotText> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return utf8(rest, 3).map(|text| (text, Encoding::Utf8Bom));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, 2, u16::from_le_bytes).map(|text| (text, Encoding::Utf16Le));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, 2, u16::from_be_bytes).map(|text| (text, Encoding::Utf16Be));
    }
    match bytes {
        [0, second, ..] if *second != 0 && bytes.len().is_multiple_of(2) => {
            utf16(bytes, 0, u16::from_be_bytes).map(|text| (text, Encoding::Utf16Be))
        }
        [first, 0, ..] if *first != 0 && bytes.len().is_multiple_of(2) => {
            utf16(bytes, 0, u16::from_le_bytes).map(|text| (text, Encoding::Utf16Le))
        }
        _ => utf8(bytes, 0).map(|text| (text, Encoding::Utf8)),
    }
}

fn utf8(bytes: &[u8], skipped: usize) -> Result<String, NotText> {
    let text = std::str::from_utf8(bytes).map_err(|e| NotText { offset: skipped + e.valid_up_to() })?;
    // A zero never stands in text that somebody wrote, but does in most binary files.
    match bytes.iter().position(|b| *b == 0) {
        Some(zero) => Err(NotText { offset: skipped + zero }),
        None => Ok(text.to_owned()),
    }
}

fn utf16(bytes: &[u8], skipped: usize, unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = skipped;
    for decoded in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok('\0') | Err(_) => return Err(NotText { offset }),
            Ok(c) => {
                offset += 2 * c.len_utf16();
                text.push(c);
            }
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(NotText { offset }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xFEFF);
        mark.into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "a: Grüße 🚢\n";
        let cases = [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8Bom),
            (encode(text, true, u16::to_le_bytes), Encoding::Utf16Le),
            (encode(text, true, u16::to_be_bytes), Encoding::Utf16Be),
            (encode(text, false, u16::to_le_bytes), Encoding::Utf16Le),
            (encode(text, false, u16::to_be_bytes), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in cases {
            assert_eq!(decode(&bytes), Ok((text.to_owned(), encoding)));
        }
    }

    #[test]
    fn what_is_no_text_says_where() {
        assert_eq!(decode(b"ab\xFF"), Err(NotText { offset: 2 }));
        assert_eq!(decode(b"\x7fELF\0\0"), Err(NotText { offset: 4 }));
        assert_eq!(decode(b"\xFF\xFEa\0b"), Err(NotText { offset: 4 }));
        assert_eq!(decode(b"\xFF\xFE\x00\xDC"), Err(NotText { offset: 2 }));
        assert_eq!(decode(b""), Ok((String::new(), Encoding::Utf8)));
    }
}
