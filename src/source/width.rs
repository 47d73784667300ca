//! How wide a stretch of text is, in characters and in UTF-16 units, without reading all of it: in a minified file every place is on one line.

/// Bytes between two checkpoints.
const STRIDE: usize = 4096;

/// Characters, and UTF-16 units beyond one a character.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Width {
    /// Characters.
    pub chars: usize,
    /// UTF-16 units.
    pub units: usize,
}

/// Widths of the text before each checkpoint.
#[derive(Debug)]
pub(super) struct Checkpoints(Vec<Width>);

impl Checkpoints {
    /// Reads the text once.
    pub fn new(text: &str) -> Self {
        let mut sum = Width::default();
        let mut held = vec![sum];
        for chunk in text.as_bytes().chunks(STRIDE) {
            sum = sum.and(count(chunk));
            held.push(sum);
        }
        Self(held)
    }

    /// The width of the text before an offset.
    fn before(&self, text: &str, offset: usize) -> Width {
        let whole = offset / STRIDE;
        let rest = text.as_bytes().get(whole * STRIDE..offset).unwrap_or_default();
        self.0.get(whole).copied().unwrap_or_default().and(count(rest))
    }
}

impl Width {
    fn and(self, other: Self) -> Self {
        Self { chars: self.chars + other.chars, units: self.units + other.units }
    }
}

/// The width of a stretch of text. `checkpoints` are asked for only where they save work.
pub(super) fn width<'c>(text: &str, start: usize, end: usize, checkpoints: impl Fn() -> &'c Checkpoints) -> Width {
    if end.saturating_sub(start) <= 2 * STRIDE {
        return count(text.as_bytes().get(start..end).unwrap_or_default());
    }
    let checkpoints = checkpoints();
    let (before, whole) = (checkpoints.before(text, start), checkpoints.before(text, end));
    Width { chars: whole.chars.saturating_sub(before.chars), units: whole.units.saturating_sub(before.units) }
}

/// Counts the bytes that begin a character; what takes four bytes takes two units. So any cut of the text can be counted.
fn count(bytes: &[u8]) -> Width {
    let chars = bytes.iter().filter(|b| **b & 0xc0 != 0x80).count();
    Width { chars, units: chars + bytes.iter().filter(|b| **b >= 0xf0).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stretch_is_as_wide_as_its_characters() {
        let text = "aé日𝒳".repeat(5000);
        let checkpoints = Checkpoints::new(&text);
        for (start, end) in [(0, text.len()), (1, 40_001), (9_990, 49_990), (0, 3), (40_000, 30_000)] {
            let expected = text.get(start..end).unwrap_or_default();
            let found = width(&text, start, end, || &checkpoints);
            assert_eq!(found.chars, expected.chars().count(), "{start}..{end}");
            assert_eq!(found.units, expected.encode_utf16().count(), "{start}..{end}");
        }
    }
}
