//! Content hashes. Places and origins do not count: two values that would deploy the same are equal.

use xxhash_rust::xxh3::Xxh3;

use super::{Kind, Number, Part, Value};

impl Value {
    /// The hash of what it is. Lists and maps remember theirs, so equal shared subtrees are never walked twice.
    /// The order of map keys does not count.
    #[must_use]
    pub fn content_hash(&self) -> u128 {
        match &self.kind {
            Kind::List(list) => *list.hash.get_or_init(|| {
                let mut hasher = tagged(b'l');
                for item in list.iter() {
                    hasher.update(&item.content_hash().to_le_bytes());
                }
                hasher.digest128()
            }),
            Kind::Map(map) => *map.hash.get_or_init(|| {
                // A sum does not depend on the order of its terms.
                let sum = map.iter().fold(0u128, |sum, entry| {
                    let mut hasher = tagged(b'e');
                    hasher.update(entry.key.as_bytes());
                    hasher.update(&entry.value.content_hash().to_le_bytes());
                    sum.wrapping_add(hasher.digest128())
                });
                let mut hasher = tagged(b'm');
                hasher.update(&sum.to_le_bytes());
                hasher.digest128()
            }),
            scalar => hash_scalar(scalar),
        }
    }
}

/// Equality is by content, as the hash is: places and origins do not count.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.content_hash() == other.content_hash()
    }
}

impl Eq for Value {}

fn tagged(tag: u8) -> Xxh3 {
    let mut hasher = Xxh3::new();
    hasher.update(&[tag]);
    hasher
}

fn hash_scalar(kind: &Kind) -> u128 {
    use std::hash::{Hash, Hasher};
    let mut hasher = match kind {
        Kind::Null => tagged(b'0'),
        Kind::Bool(_) => tagged(b'b'),
        Kind::Number(_) => tagged(b'n'),
        Kind::String(_) => tagged(b's'),
        Kind::Parts(_) => tagged(b'p'),
        _ => tagged(b'u'),
    };
    match kind {
        Kind::Bool(value) => hasher.update(&[u8::from(*value)]),
        Kind::Number(Number::UInt(n)) => hasher.update(&n.to_le_bytes()),
        Kind::Number(number) => match number.as_i64() {
            Some(n) => hasher.update(&n.to_le_bytes()),
            None => hasher.update(&number.as_f64().to_bits().to_le_bytes()),
        },
        Kind::String(text) => hasher.update(text.as_bytes()),
        Kind::Parts(parts) => {
            for part in parts.iter() {
                match part {
                    Part::Text(text) => hasher.write(text.as_bytes()),
                    Part::Unknown(unknown) => unknown.hash(&mut hasher),
                }
                hasher.write_u8(0);
            }
        }
        Kind::Unknown(unknown) => unknown.hash(&mut hasher),
        Kind::Null | Kind::List(_) | Kind::Map(_) => {}
    }
    hasher.digest128()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::tree::Entry;

    #[test]
    fn order_of_keys_does_not_count_order_of_items_does() {
        let e = |k: &str, n| Entry::new(k, Span::NONE, Value::int(n, Span::NONE));
        let map = |v| Value::map(v, Span::NONE).content_hash();
        assert_eq!(map(vec![e("a", 1), e("b", 2)]), map(vec![e("b", 2), e("a", 1)]));
        assert_ne!(map(vec![e("a", 1), e("b", 2)]), map(vec![e("a", 2), e("b", 1)]));
        let list = |a, b| Value::list(vec![Value::int(a, Span::NONE), Value::int(b, Span::NONE)], Span::NONE);
        assert_ne!(list(1, 2).content_hash(), list(2, 1).content_hash());
        assert_ne!(Value::string("1", Span::NONE).content_hash(), Value::int(1, Span::NONE).content_hash());
    }
}
