//! Sets of addresses, as WAF rules and security groups write them.

use ipnet::{IpNet, Ipv4Net};

/// A range or single address.
#[must_use]
pub fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from)).map(|n| n.trunc())
}

/// Whether ranges together are all of IPv4.
#[must_use]
pub fn is_everyone(ranges: &[IpNet]) -> bool {
    let four: Vec<Ipv4Net> =
        ranges.iter().filter_map(|r| if let IpNet::V4(net) = r { Some(*net) } else { None }).collect();
    Ipv4Net::aggregate(&four).iter().any(|n| n.prefix_len() == 0)
}

/// Whether a range lies within some of others.
#[must_use]
pub fn within(range: &IpNet, outer: &[IpNet]) -> bool {
    outer.iter().any(|o| o.contains(range))
}
