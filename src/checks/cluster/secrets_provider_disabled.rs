//! `secrets-provider-disabled`: the Key Vault secrets provider is on, with rotation.

use crate::checks::setting::{Setting, is_word};
use crate::rule::{Findings, ResourceCx};

/// Judges one cluster.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let provider = Setting {
        path: "properties.addonProfiles.azureKeyvaultSecretsProvider.enabled",
        offence: "does not have the Key Vault secrets provider",
        default: Some("off"),
    };
    if provider.switch(cx, true, out) {
        return;
    }
    let rotation = Setting {
        path: "properties.addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation",
        offence: "does not rotate the secrets that it takes from Key Vault",
        default: Some("false"),
    };
    // The add-on's configuration is a map of strings.
    rotation.judge(cx, |v| is_word(v, &["true"]) || v.as_bool() == Some(true), out);
}
