//! `zone-bound-disk`: a claim's disk is zone-redundant, or waits for its first consumer.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Resource;
use crate::model::azure::clusters;
use crate::path;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

/// Classes that AKS makes; they wait for the first consumer, and are zone-redundant where the pools are zonal.
const OWN_CLASSES: &[&str] = &[
    "default",
    "managed",
    "managed-csi",
    "managed-csi-premium",
    "managed-premium",
    "azurefile",
    "azurefile-csi",
    "azurefile-premium",
    "azurefile-csi-premium",
    "azureblob-nfs-premium",
    "azureblob-fuse-premium",
];
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// Judges the classes that a stamp's claims use.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let classes: BTreeMap<&str, &Arc<Resource>> = cx.inventory().kind("StorageClass").map(|c| (c.name(), c)).collect();
    let default = classes.values().find(|c| is_default(c)).copied();
    let mut judged: Vec<*const Resource> = Vec::new();
    for claim in claims(cx) {
        let class = match claim.class {
            Some(name) => classes.get(name).copied(),
            None => default,
        };
        match (class, claim.class) {
            (Some(class), _) => {
                if !judged.contains(&Arc::as_ptr(class)) {
                    judged.push(Arc::as_ptr(class));
                    judge(class, out);
                }
            }
            (None, None) => {}
            (None, Some(name)) if OWN_CLASSES.contains(&name) => own_class(cx, &claim, name, out),
            (None, Some(name)) => {
                out.undetermined_at(
                    Place::at(claim.resource, claim.path.clone()),
                    format!("storage class `{name}` is not among the files"),
                );
            }
        }
    }
}

struct Claim<'r> {
    resource: &'r Arc<Resource>,
    /// Where `storageClassName` stands, or would.
    path: Path,
    class: Option<&'r str>,
}

fn claims<'r>(cx: &StampCx<'r>) -> Vec<Claim<'r>> {
    let mut found = Vec::new();
    let mut add = |resource: &'r Arc<Resource>, path: Path, spec: &'r Value| {
        let bound = spec.get("volumeName").and_then(Value::as_str).is_some_and(|v| !v.is_empty());
        let class = spec.get("storageClassName").and_then(Value::as_str);
        // An empty class asks for a volume that somebody made by hand.
        if !bound && class != Some("") {
            found.push(Claim { resource, path: path.join("storageClassName"), class });
        }
    };
    for claim in cx.inventory().kind("PersistentVolumeClaim") {
        if let Some(spec) = claim.body.get("spec") {
            add(claim, path!["spec"], spec);
        }
    }
    for set in cx.inventory().kind("StatefulSet") {
        let templates = set.body.look("spec.volumeClaimTemplates").known().map(Value::items).unwrap_or_default();
        for (i, template) in templates.iter().enumerate() {
            if let Some(spec) = template.get("spec") {
                add(set, path!["spec", "volumeClaimTemplates", i, "spec"], spec);
            }
        }
    }
    found
}

fn is_default(class: &Resource) -> bool {
    let annotations = class.body.look("metadata.annotations");
    annotations.known().and_then(|a| a.get(DEFAULT_CLASS)).and_then(Value::as_str) == Some("true")
}

fn judge(class: &Arc<Resource>, out: &mut Findings) {
    let text = |lookup: Lookup<'_>| lookup.known().and_then(Value::as_str).map(str::to_owned);
    let provisioner = text(class.body.look("provisioner")).unwrap_or_default();
    if !matches!(provisioner.as_str(), "disk.csi.azure.com" | "kubernetes.io/azure-disk") {
        return;
    }
    if text(class.body.look("volumeBindingMode")).as_deref() == Some("WaitForFirstConsumer") {
        return;
    }
    let parameters = class.body.get("parameters");
    let sku = parameters.and_then(|p| p.get_ci("skuName").or_else(|| p.get_ci("storageaccounttype")));
    match sku.map(Value::as_str) {
        Some(Some(sku)) if sku.to_ascii_uppercase().ends_with("ZRS") => {}
        Some(None) => out.undetermined_at(Place::at(class, path!["parameters", "skuName"]), "the SKU is not known"),
        named => {
            let path = if named.is_some() { path!["parameters", "skuName"] } else { path!["parameters"] };
            let message = format!("disks of {} are bound to one zone before a pod needs them", class.noun());
            let help = "use a zone-redundant SKU (`Premium_ZRS`), or `volumeBindingMode: WaitForFirstConsumer`";
            out.push(Finding::at(class, path, message).label("bound to one zone").help(help));
        }
    }
}

/// AKS' own classes are zone-redundant where the pools are zonal.
fn own_class(cx: &StampCx<'_>, claim: &Claim<'_>, name: &str, out: &mut Findings) {
    if !name.starts_with("managed") && name != "default" {
        return;
    }
    let clusters = clusters(cx.inventory());
    let pools: Vec<_> = clusters.iter().flat_map(|c| &c.pools).collect();
    let zonal = |list: &Value| !list.items().is_empty();
    let known = !pools.is_empty() && pools.iter().all(|p| p.look("availabilityZones").unknown().is_none());
    if known && pools.iter().all(|p| !p.look("availabilityZones").known().is_some_and(zonal)) {
        let message =
            format!("disks of class `{name}` are not zone-redundant, since no node pool of the stamp is zonal");
        out.push(Finding::at(claim.resource, claim.path.clone(), message).label("not zone-redundant here"));
    }
}
