//! Builtins on address ranges.

use std::collections::BTreeSet;

use ipnet::IpNet;
use regorus::Value;

use super::string;

/// A range; an address stands for the range of itself.
fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address)))
}

fn pair(arguments: &[Value], test: fn(&IpNet, &IpNet) -> bool) -> Value {
    match (string(arguments, 0).and_then(range), string(arguments, 1).and_then(range)) {
        (Some(a), Some(b)) => Value::Bool(test(&a, &b)),
        _ => Value::Undefined,
    }
}

pub(super) fn cidr_intersects(arguments: &[Value]) -> Value {
    pair(arguments, |a, b| a.contains(&b.network()) || b.contains(&a.network()))
}

pub(super) fn cidr_contains(arguments: &[Value]) -> Value {
    pair(arguments, |a, b| a.contains(b))
}

/// Pairs of keys or indexes, the first of a range that contains the second's.
pub(super) fn cidr_contains_matches(arguments: &[Value]) -> Value {
    let [outer, inner] = arguments else {
        return Value::Undefined;
    };
    let (Some(outer), Some(inner)) = (listed(outer), listed(inner)) else {
        return Value::Undefined;
    };
    let mut found = BTreeSet::new();
    for (a, outer) in &outer {
        for (b, inner) in &inner {
            if outer.contains(inner) {
                found.insert(Value::from(vec![a.clone(), b.clone()]));
            }
        }
    }
    Value::from(found)
}

/// Ranges with what names each: its index, its key, or its own text.
fn listed(value: &Value) -> Option<Vec<(Value, IpNet)>> {
    let first = |item: &Value| match item {
        Value::String(text) => range(text),
        Value::Array(items) => items.first().and_then(|i| i.as_string().ok()).and_then(|t| range(t)),
        _ => None,
    };
    match value {
        Value::String(_) => Some(vec![(value.clone(), first(value)?)]),
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| Some((Value::from(i), first(item)?))).collect(),
        Value::Set(items) => items.iter_sorted().map(|item| Some((item.clone(), first(item)?))).collect(),
        Value::Object(entries) => entries.iter_sorted().map(|(key, item)| Some((key.clone(), first(item)?))).collect(),
        _ => None,
    }
}

pub(super) fn cidr_merge(arguments: &[Value]) -> Value {
    let Some(ranges) = arguments.first().and_then(listed) else {
        return Value::Undefined;
    };
    let ranges: Vec<IpNet> = ranges.into_iter().map(|(_, range)| range.trunc()).collect();
    let merged: BTreeSet<Value> =
        IpNet::aggregate(&ranges).iter().map(|range| Value::from(range.to_string())).collect();
    Value::from(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_opas() {
        let json = |text: &str| Value::from_json_str(text).unwrap();
        let call = |f: fn(&[Value]) -> Value, args: &str| f(&json(args).as_array().unwrap().to_vec()).to_string();
        assert_eq!(call(cidr_intersects, r#"["192.168.0.0/16", "192.168.1.0/24"]"#), "true");
        assert_eq!(call(cidr_intersects, r#"["192.168.0.0/24", "192.168.1.0/24"]"#), "false");
        assert_eq!(call(cidr_merge, r#"[["192.0.128.0/24", "192.0.129.0/24"]]"#), r#"["192.0.128.0/23"]"#);
        assert_eq!(
            call(cidr_contains_matches, r#"[["10.0.0.0/8", "11.0.0.0/8"], {"x": "10.1.0.0/16"}]"#),
            r#"[[0,"x"]]"#
        );
    }
}
