//! Ingress controllers, told by their images, then by their labels and names.

use super::{containers, pods};
use crate::model::Resource;
use crate::model::image::Reference;
use crate::tree::Value;

/// Which ingress controller a workload is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Controller {
    /// Traefik.
    Traefik,
    /// The community's NGINX controller.
    IngressNginx,
    /// NGINX Inc.'s controller.
    Nginx,
    /// `HAProxy`.
    HaProxy,
    /// Contour, or its Envoy.
    Contour,
    /// Istio's gateway.
    Istio,
    /// Kong.
    Kong,
    /// The Application Gateway Ingress Controller.
    ApplicationGateway,
}

/// The end of an image's repository, and the controller that it is.
const IMAGES: &[(&str, Controller)] = &[
    ("traefik", Controller::Traefik),
    ("ingress-nginx/controller", Controller::IngressNginx),
    ("nginx-ingress-controller", Controller::IngressNginx),
    ("nginx/nginx-ingress", Controller::Nginx),
    ("haproxytech/kubernetes-ingress", Controller::HaProxy),
    ("haproxy-ingress", Controller::HaProxy),
    ("projectcontour/contour", Controller::Contour),
    ("kong/kubernetes-ingress-controller", Controller::Kong),
    ("azure-application-gateway/kubernetes-ingress", Controller::ApplicationGateway),
];

/// A label value that says which controller pods are.
const NAMES: &[(&str, Controller)] = &[
    ("traefik", Controller::Traefik),
    ("traefik-ingress", Controller::Traefik),
    ("traefik-ingress-ilb", Controller::Traefik),
    ("ingress-nginx", Controller::IngressNginx),
    ("nginx-ingress", Controller::Nginx),
    ("haproxy-ingress", Controller::HaProxy),
    ("contour", Controller::Contour),
    ("istio-ingressgateway", Controller::Istio),
    ("kong", Controller::Kong),
    ("ingress-azure", Controller::ApplicationGateway),
];

const LABELS: [&str; 4] = ["app.kubernetes.io/name", "app", "istio", "k8s-app"];

/// Which ingress controller a workload is; none where it is none.
#[must_use]
pub fn ingress_controller(workload: &Resource) -> Option<Controller> {
    let templates = pods(workload);
    let by_image = templates.iter().flat_map(containers).find_map(|c| {
        let reference = Reference::parse(c.value.get("image")?.as_str()?).ok()?;
        let repository = format!("/{}", reference.repository);
        IMAGES.iter().find(|(end, _)| repository.ends_with(&format!("/{end}"))).map(|(_, controller)| *controller)
    });
    by_image.or_else(|| {
        let labels = templates.first()?.metadata?.get("labels")?;
        LABELS.iter().find_map(|key| {
            let value = labels.get(key).and_then(Value::as_str)?;
            let value = if *key == "istio" && value == "ingressgateway" { "istio-ingressgateway" } else { value };
            NAMES.iter().find(|(name, _)| *name == value).map(|(_, controller)| *controller)
        })
    })
}

/// The controller that a label's value names.
#[must_use]
pub fn controller_named(word: &str) -> Option<Controller> {
    NAMES.iter().find(|(name, _)| *name == word).map(|(_, controller)| *controller)
}
