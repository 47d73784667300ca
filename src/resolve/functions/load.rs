//! The second half of `loadTextContent` and `loadFileAsBase64`: the front end finds and reads the file, these make the
//! value of what was read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::call::composed;
use super::{Failure, FailureKind};
use crate::source::Span;
use crate::tree::Value;

/// Characters that Azure allows in a loaded text.
const TEXT: usize = 131_072;

/// `loadTextContent(path)`: the text as it stands, without a byte order mark.
///
/// # Errors
/// When the text is longer than Azure allows.
pub fn load_text(text: &str, site: Span) -> Result<Value, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if super::utf16::len(text) > TEXT {
        return Err(Failure::new(FailureKind::Limit, format!("`loadTextContent` loads more than {TEXT} characters")));
    }
    Ok(Value::string(text, site).with_origin(composed(&[], site)))
}

/// `loadFileAsBase64(path)`.
///
/// # Errors
/// When the file is larger than Azure allows.
pub fn load_base64(bytes: &[u8], site: Span) -> Result<Value, Failure> {
    if bytes.len() > TEXT / 4 * 3 {
        return Err(Failure::new(
            FailureKind::Limit,
            format!("`loadFileAsBase64` loads more than {} bytes", TEXT / 4 * 3),
        ));
    }
    Ok(Value::string(STANDARD.encode(bytes), site).with_origin(composed(&[], site)))
}
