//! `certificate-not-in-key-vault`: certificates come from Key Vault by a managed identity.

use std::sync::Arc;

use crate::model::ways::gateway::Gateway;
use crate::rule::{Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path, Value};

/// Judges a gateway.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    if cx.resource.existing {
        return;
    }
    let gateway = Gateway { resource: Arc::clone(cx.resource) };
    let certificates = gateway.list("sslCertificates");
    for certificate in &certificates {
        if certificate.look("keyVaultSecretId").is_absent() {
            let path = if certificate.look("data").is_absent() {
                certificate.at("keyVaultSecretId")
            } else {
                certificate.at("data")
            };
            let message =
                format!("certificate `{}` of {} does not come from Key Vault", certificate.name(), cx.resource.noun());
            let help = "Give `keyVaultSecretId` instead of the certificate itself";
            out.push(Finding::at(cx.resource, path, message).label("not from Key Vault").help(help));
        }
    }
    let from_vault = certificates.iter().any(|c| !c.look("keyVaultSecretId").is_absent());
    let path = Path::dotted("identity.userAssignedIdentities");
    match cx.resource.body.look("identity.userAssignedIdentities") {
        Lookup::Absent if from_vault => {
            let message =
                format!("{} has no identity of its own, so it cannot read its certificates", cx.resource.noun());
            out.push(Finding::at(cx.resource, path, message).label("no user-assigned identity"));
        }
        Lookup::Known(value)
            if from_vault && value.entries().is_empty() && value.as_list().is_none_or(<[Value]>::is_empty) =>
        {
            let message =
                format!("{} has no identity of its own, so it cannot read its certificates", cx.resource.noun());
            out.push(Finding::at(cx.resource, path, message).label("no user-assigned identity"));
        }
        Lookup::Unknown(why) if from_vault => out.undetermined(cx.resource, path, why),
        _ => {}
    }
}
