//! `egress-not-through-firewall`: outbound traffic leaves by user-defined routes.

use crate::checks::setting::{is_word, said};
use crate::rule::{Effect, Finding, Findings, ResourceCx};
use crate::tree::{Lookup, Path};

const PATH: &str = "properties.networkProfile.outboundType";

/// Judges one cluster. A proxy or a NAT gateway is a way of its own: it is reported, and does not fail the gate.
pub fn check(cx: &ResourceCx<'_>, out: &mut Findings) {
    let outbound = cx.resource.body.look(PATH);
    let why = match outbound {
        Lookup::Known(value) if is_word(value, &["userDefinedRouting", "none", "block"]) => return,
        Lookup::Known(value) => format!("`outboundType` is {}", said(value)),
        Lookup::Absent => "`outboundType` is missing, and its default is `loadBalancer`".to_owned(),
        Lookup::Unknown(unknown) => return out.undetermined(cx.resource, Path::dotted(PATH), unknown),
    };
    let gateway = outbound
        .known()
        .is_some_and(|v| is_word(v, &["managedNATGateway", "userAssignedNATGateway", "managedNATGatewayV2"]));
    let proxy = !cx.resource.body.look("properties.httpProxyConfig.httpProxy").is_absent();
    let message = format!("outbound traffic of {} does not leave through a firewall: {why}", cx.resource.noun());
    let finding = Finding::at(cx.resource, Path::dotted(PATH), message).label(why);
    out.push(if gateway || proxy { finding.weaker(Effect::Audit) } else { finding });
}
