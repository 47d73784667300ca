//! Names made from others: `guid`, `uniqueString`, `newGuid`.

use sha1::{Digest, Sha1};

use super::call::{Call, Outcome, Stop};
use crate::resolve::context::Context;
use std::sync::Arc;

/// The namespace of the UUIDs that `guid` makes.
const NAMESPACE: u128 = 0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830;

/// `guid(text, …)`: a UUID of version 5 over the arguments, joined with `-`.
pub fn guid(call: &Call<'_>) -> Outcome {
    Ok(call.string(uuid(&joined(call)?)))
}

/// `uniqueString(text, …)`: 13 characters.
pub fn unique_string(call: &Call<'_>) -> Outcome {
    Ok(call.string(base32(murmur64(joined(call)?.as_bytes()))))
}

/// `newGuid()`: made from the context's seed and the place of the call, so that runs agree and calls differ.
pub fn new_guid(call: &Call<'_>) -> Outcome {
    let Some(seed) = &call.cx.seed else {
        return Err(Stop::Unknown(Arc::new(Context::missing("seed"))));
    };
    let seed = seed.as_str().map(str::to_owned).or_else(|| seed.as_i64().map(|n| n.to_string()));
    let Some(seed) = seed else {
        return Err(call.fail("wants a seed that is text or a whole number"));
    };
    Ok(call.string(uuid(&format!("{seed}-{}-{}", call.site.start, call.site.end))))
}

fn joined(call: &Call<'_>) -> Result<String, Stop> {
    let mut texts = Vec::with_capacity(call.args.len());
    for index in 0..call.args.len() {
        texts.push(call.text(index)?);
    }
    Ok(texts.join("-"))
}

fn uuid(name: &str) -> String {
    let mut hasher = Sha1::new();
    hasher.update(NAMESPACE.to_be_bytes());
    hasher.update(name);
    let hash = hasher.finalize();
    let high = hash.iter().take(16).fold(0u128, |n, b| n << 8 | u128::from(*b));
    let id = high & !(0xf << 76) & !(0x3 << 62) | 5 << 76 | 2 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        id >> 96,
        id >> 80 & 0xffff,
        id >> 64 & 0xffff,
        id >> 48 & 0xffff,
        id & 0xffff_ffff_ffff
    )
}

/// The hash behind `uniqueString`: two interleaved 32-bit lanes in the manner of MurmurHash 3, eight bytes a round.
fn murmur64(data: &[u8]) -> u64 {
    const ONE: u32 = 0x239b_961b;
    const TWO: u32 = 0xab0e_9789;
    let mix_one = |k: u32| k.wrapping_mul(ONE).rotate_left(15).wrapping_mul(TWO);
    let mix_two = |k: u32| k.wrapping_mul(TWO).rotate_left(17).wrapping_mul(ONE);
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |n, b| n << 8 | u32::from(*b));
    let (mut one, mut two) = (0u32, 0u32);
    let mut rounds = data.chunks_exact(8);
    for round in rounds.by_ref() {
        let (low, high) = round.split_at(4);
        one ^= mix_one(little(low));
        one = one.rotate_left(19).wrapping_add(two).wrapping_mul(5).wrapping_add(0x561c_cd1b);
        two ^= mix_two(little(high));
        two = two.rotate_left(13).wrapping_add(one).wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let tail = rounds.remainder();
    let (low, high) = tail.split_at(tail.len().min(4));
    one ^= mix_one(little(low));
    two ^= mix_two(little(high));
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    one ^= length;
    two ^= length;
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    one = finish(one);
    two = finish(two);
    one = one.wrapping_add(two);
    two = two.wrapping_add(one);
    u64::from(two) << 32 | u64::from(one)
}

fn finish(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ h >> 16
}

/// Thirteen digits of five bits, the highest first.
fn base32(mut n: u64) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(13);
    for _ in 0..13 {
        let digit = usize::try_from(n >> 59).unwrap_or(0);
        out.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'a')));
        n <<= 5;
    }
    out
}
