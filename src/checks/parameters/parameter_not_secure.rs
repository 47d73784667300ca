//! `parameter-not-secure`: a parameter that takes a password, key or private certificate is `@secure()`.

use std::collections::BTreeSet;

use crate::resolve::template::{BoundParameter, TypeKind};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Case, Kind, Part, Text, Value, WaitsFor};

/// Words at the end of a name that say what it takes.
const ENDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "sharedkey",
    "accountkey",
    "storagekey",
    "privatekey",
    "masterkey",
    "primarykey",
    "connectionstring",
    "sastoken",
    "accesstoken",
    "personalaccesstoken",
    "clientsecret",
    "pfx",
];

/// Judges the parameters of a stamp's templates.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let stored = stored_as_secrets(cx);
    for deployed in cx.stamp.own.deployed.iter().chain(&cx.fleet.shared.deployed) {
        for parameter in deployed.parameters.iter().filter(|p| !p.secure && takes_text(p)) {
            let by_name = names_a_secret(&parameter.name);
            let public = parameter.name.to_ascii_lowercase().contains("public");
            let by_use = stored.contains(&parameter.name) && !public && names_a_certificate(&parameter.name);
            if !(by_name || by_use) {
                continue;
            }
            let why =
                if by_name { "its name says that it takes a secret" } else { "it ends up as a secret in a vault" };
            let message =
                format!("parameter `{}` of `{}` is not `@secure()`: {why}", parameter.name, deployed.template);
            let place = Value::string(parameter.name.clone(), parameter.declared);
            out.push(Finding::new(Place::Value(place), message).label("not `@secure()`"));
        }
    }
}

fn takes_text(parameter: &BoundParameter) -> bool {
    parameter.ty.allowed.is_none() && matches!(parameter.ty.kind, TypeKind::String | TypeKind::Object(_))
}

fn names_a_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ENDS.iter().any(|end| plain.ends_with(end))
        && !["public", "use", "enable", "has", "disable"].iter().any(|w| plain.starts_with(w))
}

fn names_a_certificate(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["cert", "pfx", "key", "secret", "token"].iter().any(|w| lower.contains(w))
}

/// Parameters whose value is stored as a vault's secret, as far as the secret's value names them.
fn stored_as_secrets(cx: &StampCx<'_>) -> BTreeSet<Text> {
    let mut names = BTreeSet::new();
    let roots = trusted_roots(cx);
    let public = |name: &str| roots.iter().any(|r| name.rsplit('/').next().is_some_and(|last| r.contains(last)));
    for secret in cx.inventory().azure("Microsoft.KeyVault/vaults/secrets").filter(|s| !public(s.name())) {
        let Some(value) = secret.body.get_ci("properties").and_then(|p| p.get_ci("value")) else { continue };
        names.extend(value.origin.steps().filter_map(|s| s.name.clone()));
        if let Kind::Unknown(unknown) = &value.kind
            && let WaitsFor::Parameter(name) = &unknown.from
        {
            names.insert(name.clone());
        }
    }
    names
}

/// What gateways trust as roots: public certificates, though a vault keeps them as secrets.
fn trusted_roots(cx: &StampCx<'_>) -> Vec<String> {
    let gateways = cx.inventory().azure("Microsoft.Network/applicationGateways");
    let ids = gateways
        .flat_map(|g| g.body.select("properties.trustedRootCertificates[].properties.keyVaultSecretId", Case::Ignore));
    ids.map(|(_, id)| match &id.kind {
        Kind::Unknown(unknown) => unknown.to_string(),
        Kind::Parts(parts) => {
            parts.iter().map(|p| if let Part::Unknown(u) = p { u.to_string() } else { String::new() }).collect()
        }
        _ => id.as_str().unwrap_or_default().to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::names_a_secret;

    #[test]
    fn names() {
        for name in
            ["adminPassword", "sql_admin_pwd", "clientSecret", "storageAccountKey", "apiKey", "dbConnectionString"]
        {
            assert!(names_a_secret(name), "{name}");
        }
        for name in
            ["secretName", "passwordLength", "sshPublicKey", "usePassword", "keyVaultName", "tokenUrl", "partitionKey"]
        {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
