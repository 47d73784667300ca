//! Address ranges: `parseCidr`, `cidrSubnet`, `cidrHost`, of both families.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::call::{Call, Outcome, Stop};
use crate::source::Span;
use crate::tree::{Entry, Value};

/// A range: its first address as a number, and the length of its prefix.
#[derive(Clone, Copy)]
struct Range {
    first: u128,
    prefix: u32,
    bits: u32,
}

impl Range {
    fn read(call: &Call<'_>) -> Result<Self, Stop> {
        let text = call.text(0)?;
        let malformed = || {
            call.fail(format_args!(
                "expects an address range such as `10.0.0.0/16`, not `{}`",
                super::utf16::slice(text, 0, 60)
            ))
        };
        let (address, prefix) = text.trim().split_once('/').ok_or_else(malformed)?;
        let (number, bits) = match address.parse().map_err(|_| malformed())? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let prefix: u32 = prefix.parse().map_err(|_| malformed())?;
        if prefix > bits {
            return Err(malformed());
        }
        let mut range = Self { first: number, prefix, bits };
        range.first &= range.mask();
        Ok(range)
    }

    /// The mask in the family's own width.
    fn mask(self) -> u128 {
        let all = u128::MAX >> (128 - self.bits);
        all & !self.host_bits()
    }

    fn host_bits(self) -> u128 {
        match self.bits - self.prefix {
            0 => 0,
            n => u128::MAX >> (128 - n),
        }
    }

    fn last(self) -> u128 {
        self.first | self.host_bits()
    }

    fn show(self, address: u128) -> String {
        if self.bits == 32 {
            Ipv4Addr::from(u32::try_from(address).unwrap_or(u32::MAX)).to_string()
        } else {
            Ipv6Addr::from(address).to_string()
        }
    }

    /// The first and the last address that a host may have. Azure's answer for IPv6 is the whole range.
    fn usable(self) -> (u128, u128) {
        if self.bits == 32 && self.prefix < 31 { (self.first + 1, self.last() - 1) } else { (self.first, self.last()) }
    }
}

pub fn parse(call: &Call<'_>) -> Outcome {
    let range = Range::read(call)?;
    let mut entries: Vec<(&str, Value)> =
        vec![("network", call.string(range.show(range.first))), ("netmask", call.string(range.show(range.mask())))];
    if range.bits == 32 {
        entries.push(("broadcast", call.string(range.show(range.last()))));
    }
    let (first, last) = range.usable();
    entries.push(("firstUsable", call.string(range.show(first))));
    entries.push(("lastUsable", call.string(range.show(last))));
    entries.push(("cidr", call.number(i64::from(range.prefix))));
    call.entries(entries.into_iter().map(|(key, value)| Entry::new(key, Span::NONE, value)).collect())
}

/// `cidrSubnet(range, prefix, index)`.
pub fn subnet(call: &Call<'_>) -> Outcome {
    let range = Range::read(call)?;
    let (prefix, index) = (call.int(1)?, call.int(2)?);
    let Some(prefix) = u32::try_from(prefix).ok().filter(|p| (range.prefix..=range.bits).contains(p)) else {
        return Err(call.fail(format_args!("cannot cut a range of /{} into ranges of /{prefix}", range.prefix)));
    };
    let shift = range.bits - prefix;
    let count_bits = prefix - range.prefix;
    let index = u128::try_from(index)
        .ok()
        .filter(|i| count_bits >= 128 || *i < 1 << count_bits)
        .ok_or_else(|| call.fail(format_args!("has no range {index} of /{prefix} here")))?;
    let first = range.first | index.checked_shl(shift).unwrap_or(0);
    Ok(call.string(format!("{}/{prefix}", range.show(first))))
}

/// `cidrHost(range, index)`: counted from the first address after the network's own.
pub fn host(call: &Call<'_>) -> Outcome {
    let range = Range::read(call)?;
    let index = call.int(1)?;
    let (first, last) = range.usable();
    let base = if range.bits == 32 || range.prefix == 128 { first } else { range.first.saturating_add(1) };
    u128::try_from(index)
        .ok()
        .and_then(|i| base.checked_add(i))
        .filter(|address| *address <= last)
        .map(|address| call.string(range.show(address)))
        .ok_or_else(|| call.fail(format_args!("has no host {index} in a range of /{}", range.prefix)))
}
