//! Bounds on what one call may make. They lie above what Azure itself accepts, so no template that deploys meets them.

/// Bytes of a string. Azure refuses strings of more than 131,072 characters.
pub const TEXT: usize = 4 << 20;

/// Items of a list, keys of a map.
pub const ITEMS: usize = 100_000;

/// Depth of a value that is walked.
pub const DEPTH: usize = 256;

/// Items that `range` makes: Azure's own bound.
pub const RANGE: i64 = 10_000;

/// Depth of JSON text that is parsed.
pub const JSON_DEPTH: usize = 128;
