//! `gitops-missing`: each stamp gets its workloads from a repository, at a pinned branch or tag, with pruning; or from a
//! pipeline among the files, or a fleet's placement.

use std::sync::Arc;

use super::pipeline::holds;
use crate::checks::setting::said;
use crate::model::Resource;
use crate::model::azure::CLUSTER;
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::{Lookup, Path, Value};

const FLUX: &str = "Microsoft.KubernetesConfiguration/fluxConfigurations";

/// Judges what brings a stamp its workloads. A stamp whose cluster is not among the files is not asked.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let found = sources(cx, out);
    let Some(cluster) = cx.inventory().azure(CLUSTER).find(|c| !c.existing) else { return };
    let placed = cx.inventory().all().iter().any(|r| {
        r.group() == "placement.kubernetes-fleet.io"
            && matches!(r.kind(), "ClusterResourcePlacement" | "ResourcePlacement")
    });
    if found || placed || cx.fleet.workflows.iter().any(|w| holds(&w.root, &brings_workloads)) {
        return;
    }
    let message = format!(
        "nothing brings workloads to {}: no Flux configuration, Argo CD application or pipeline",
        cluster.noun()
    );
    let help = "add a `fluxConfigurations` resource that follows a branch or tag of the repository, with pruning";
    out.push(Finding::new(Place::name(cluster), message).label("no source of workloads").help(help).about(cluster));
}

/// Judges each source of workloads; tells whether there is one.
fn sources(cx: &StampCx<'_>, out: &mut Findings) -> bool {
    let mut any = false;
    for flux in cx.inventory().azure(FLUX).filter(|r| !r.existing) {
        any = true;
        configuration(flux, out);
    }
    for resource in cx.inventory().all().iter().filter(|r| r.is_kubernetes()) {
        let judge: Option<fn(&Arc<Resource>, &mut Findings)> = match (resource.group(), resource.kind()) {
            ("source.toolkit.fluxcd.io", "GitRepository") => Some(git_repository),
            ("source.toolkit.fluxcd.io", "OCIRepository" | "Bucket" | "HelmRepository") => Some(|_, _| {}),
            ("kustomize.toolkit.fluxcd.io", "Kustomization") => Some(flux_kustomization),
            ("helm.toolkit.fluxcd.io", "HelmRelease") => Some(|_, _| {}),
            ("argoproj.io", "Application") => Some(|r, out| application(r, "spec", out)),
            ("argoproj.io", "ApplicationSet") => Some(|r, out| application(r, "spec.template.spec", out)),
            _ => None,
        };
        if let Some(judge) = judge {
            any = true;
            judge(resource, out);
        }
    }
    any
}

fn report(resource: &Arc<Resource>, path: &str, why: &str, out: &mut Findings) {
    let message = format!("{}: {why}", resource.noun());
    out.push(Finding::at(resource, Path::dotted(path), message).label(why.to_owned()));
}

fn configuration(flux: &Arc<Resource>, out: &mut Findings) {
    let repository = "properties.gitRepository";
    if let Lookup::Known(_) = flux.body.look(repository) {
        url(flux, &format!("{repository}.url"), out);
        let reference = format!("{repository}.repositoryRef");
        pinned(flux, &reference, &["branch", "tag", "semver", "commit"], out);
    }
    let kustomizations = flux.body.look("properties.kustomizations").known().map(Value::entries).unwrap_or_default();
    for entry in kustomizations {
        prune(flux, &format!("properties.kustomizations.{}.prune", entry.key), out);
    }
}

fn git_repository(source: &Arc<Resource>, out: &mut Findings) {
    url(source, "spec.url", out);
    pinned(source, "spec.ref", &["branch", "tag", "semver", "commit", "name"], out);
}

fn flux_kustomization(kustomization: &Arc<Resource>, out: &mut Findings) {
    prune(kustomization, "spec.prune", out);
}

fn prune(resource: &Arc<Resource>, path: &str, out: &mut Findings) {
    match resource.body.look(path) {
        Lookup::Known(value) if value.as_bool() == Some(true) => {}
        Lookup::Known(_) => report(resource, path, "it does not prune: what is removed from the repository stays", out),
        Lookup::Absent => report(resource, path, "`prune` is missing: what is removed from the repository stays", out),
        Lookup::Unknown(unknown) => out.undetermined(resource, Path::dotted(path), unknown),
    }
}

/// Whether a reference names something that is followed: Flux takes `master` where none is given.
fn pinned(resource: &Arc<Resource>, path: &str, keys: &[&str], out: &mut Findings) {
    match resource.body.look(path) {
        Lookup::Known(reference) => {
            let named = |key: &&str| {
                !matches!(reference.look(key), Lookup::Absent)
                    && reference.look(key).known().is_none_or(|v| v.as_str() != Some(""))
            };
            if !keys.iter().any(named) {
                report(resource, path, "it names no branch, tag or commit", out);
            }
        }
        Lookup::Absent => report(resource, path, "it names no branch, tag or commit", out),
        Lookup::Unknown(unknown) => out.undetermined(resource, Path::dotted(path), unknown),
    }
}

/// Whether a repository is reached over HTTPS or SSH.
fn url(resource: &Arc<Resource>, path: &str, out: &mut Findings) {
    let Some(value) = resource.body.look(path).known() else { return };
    let Some(text) = value.as_str() else { return };
    let lower = text.trim().to_ascii_lowercase();
    // `git@host:path` is SSH, and so is what Git abbreviates.
    let plain = ["http://", "git://", "ftp://", "file://"].iter().any(|scheme| lower.starts_with(scheme));
    if plain {
        report(resource, path, &format!("{} is neither HTTPS nor SSH", said(value)), out);
    }
}

fn application(application: &Arc<Resource>, base: &str, out: &mut Findings) {
    let Lookup::Known(spec) = application.body.look(base) else { return };
    let several = spec.look("sources").known().map(Value::items).unwrap_or_default();
    let paths = (0..several.len()).map(|i| (format!("{base}.sources"), Some(i)));
    let single = spec.look("source").known().map(|_| (format!("{base}.source"), None));
    for (path, index) in single.into_iter().chain(paths) {
        let mut at = Path::dotted(&path);
        if let Some(i) = index {
            at = at.join(i);
        }
        source(application, &at, out);
    }
    let automated = format!("{base}.syncPolicy.automated");
    match application.body.look(&automated) {
        Lookup::Known(_) => prune(application, &format!("{automated}.prune"), out),
        Lookup::Absent => report(application, &automated, "it is not synchronised by itself", out),
        Lookup::Unknown(unknown) => out.undetermined(application, Path::dotted(&automated), unknown),
    }
}

fn source(application: &Arc<Resource>, at: &Path, out: &mut Findings) {
    let Some(source) = application.body.at(at) else { return };
    let text = |key: &str| source.look(key).known().and_then(Value::as_str);
    let mut fail = |key: &str, why: String| {
        let message = format!("{}: {why}", application.noun());
        out.push(Finding::at(application, at.join(key), message).label(why));
    };
    if let Some(url) = text("repoURL")
        && ["http://", "git://", "file://"].iter().any(|scheme| url.to_ascii_lowercase().starts_with(scheme))
    {
        fail("repoURL", format!("`{url}` is neither HTTPS nor SSH"));
    }
    match source.look("targetRevision") {
        Lookup::Absent => fail("targetRevision", "it names no branch or tag: it follows `HEAD`".to_owned()),
        Lookup::Known(revision) if matches!(revision.as_str(), Some("HEAD" | "" | "*")) => {
            fail("targetRevision", format!("it follows {}: no branch or tag", said(revision)));
        }
        _ => {}
    }
}

/// Whether a step of a pipeline applies manifests or charts.
fn brings_workloads(text: &str) -> bool {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    [
        "kubectl apply",
        "kubectl create -f",
        "kubectl replace",
        "helm upgrade",
        "helm install",
        "az aks command invoke",
        "az k8s-configuration flux create",
        "flux bootstrap",
        "argocd app ",
        "azure/k8s-deploy",
        "azure/k8s-create",
        "kubernetesmanifest@",
        "helmdeploy@",
        "kubernetes@",
        "skaffold run",
        "skaffold deploy",
        "kapp deploy",
    ]
    .iter()
    .any(|command| words.contains(command))
}
