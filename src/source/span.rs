//! Byte spans and one-based positions. A span says *where*, never *what*; lines and columns are made from it
//! late, by the [`Source`](super::Source) that it points into.

use std::num::NonZeroU32;

/// Names one source of a run. Ids are handed out in reading order, which threads may vary: sort by path, not by id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SourceId(pub(super) u32);

impl SourceId {
    /// A source that does not exist: the home of values that no file contains.
    pub const NONE: Self = Self(u32::MAX);

    /// The position in the store.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in the decoded text of one source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// The source that the offsets count in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a value that stands in no file (computed, or given by the context).
    pub const NONE: Self = Self { source: SourceId::NONE, start: 0, end: 0 };

    /// A span from byte offsets. Offsets beyond 4 GiB saturate; readers refuse such files before.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// Whether no file contains it.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.source == SourceId::NONE
    }

    /// Whether `other` lies within this span, borders included.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both; the first one where they lie in different sources.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as a byte range, for slicing text.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A one-based line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Line(NonZeroU32);

/// A one-based column. Which unit it counts (characters, UTF-16 units) is the business of the function that gave it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Column(NonZeroU32);

macro_rules! one_based {
    ($name:ident) => {
        impl $name {
            /// From a zero-based count.
            #[must_use]
            pub fn from_zero_based(n: usize) -> Self {
                let one_based = u32::try_from(n).unwrap_or(u32::MAX - 1).saturating_add(1);
                Self(NonZeroU32::new(one_based).unwrap_or(NonZeroU32::MIN))
            }
            /// The one-based number, as people and SARIF write it.
            #[must_use]
            pub fn get(self) -> u32 {
                self.0.get()
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
one_based!(Line);
one_based!(Column);

/// A line and a column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Position {
    /// One-based line.
    pub line: Line,
    /// One-based column, in the unit of the function that made it.
    pub column: Column,
}
