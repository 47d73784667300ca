//! Digests, and the reading (never the verifying) of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regorus::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{or_undefined, string};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn digest<D: Digest>(arguments: &[Value]) -> Value {
    or_undefined(string(arguments, 0).map(|text| hex(D::digest(text.as_bytes()).as_slice())))
}

pub(super) fn sha1(arguments: &[Value]) -> Value {
    digest::<Sha1>(arguments)
}

pub(super) fn sha256(arguments: &[Value]) -> Value {
    digest::<Sha256>(arguments)
}

fn hmac<D: Digest>(arguments: &[Value], block: usize) -> Value {
    let (Some(text), Some(key)) = (string(arguments, 0), string(arguments, 1)) else {
        return Value::Undefined;
    };
    let mut padded = if key.len() > block { D::digest(key.as_bytes()).to_vec() } else { key.as_bytes().to_vec() };
    padded.resize(block, 0);
    let xored = |with: u8| padded.iter().map(move |b| b ^ with).collect::<Vec<u8>>();
    let inner = D::new().chain_update(xored(0x36)).chain_update(text).finalize();
    let outer = D::new().chain_update(xored(0x5c)).chain_update(inner.as_slice()).finalize();
    Value::from(hex(outer.as_slice()))
}

pub(super) fn hmac_sha1(arguments: &[Value]) -> Value {
    hmac::<Sha1>(arguments, 64)
}

pub(super) fn hmac_sha256(arguments: &[Value]) -> Value {
    hmac::<Sha256>(arguments, 64)
}

pub(super) fn hmac_sha512(arguments: &[Value]) -> Value {
    hmac::<Sha512>(arguments, 128)
}

pub(super) fn hmac_equal(arguments: &[Value]) -> Value {
    match (string(arguments, 0), string(arguments, 1)) {
        (Some(a), Some(b)) => Value::Bool(a == b),
        _ => Value::Undefined,
    }
}

/// Header, payload and signature in hex.
pub(super) fn jwt_decode(arguments: &[Value]) -> Value {
    string(arguments, 0).and_then(decoded).unwrap_or(Value::Undefined)
}

fn decoded(token: &str) -> Option<Value> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return None;
    };
    let json = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
        Value::from_json_str(std::str::from_utf8(&bytes).ok()?).ok()
    };
    let signature = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).ok()?;
    Some(Value::from(vec![json(header)?, json(payload)?, Value::from(hex(&signature))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        let call = |f: fn(&[Value]) -> Value, args: &[&str]| {
            let args: Vec<Value> = args.iter().map(|a| Value::from(*a)).collect();
            f(&args).as_string().unwrap().to_string()
        };
        assert_eq!(call(sha1, &["abc"]), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            call(hmac_sha256, &["what do ya want for nothing?", "Jefe"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn tokens_are_read() {
        let token = Value::from("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AQI");
        let read = jwt_decode(&[token]).to_string();
        assert_eq!(read, r#"[{"alg":"none"},{"a":1},"0102"]"#);
        assert_eq!(jwt_decode(&[Value::from("a.b")]), Value::Undefined);
    }
}
