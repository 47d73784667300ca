//! `load-balancer-address-mismatch`: an internal load balancer has the address that the stamp says it has.

use std::net::IpAddr;

use crate::model::azure::subnets;
use crate::model::ways::{cluster, dns, ranges};
use crate::rule::{Finding, Findings, Place, StampCx};
use crate::tree::Value;

const SUBNET: &str = "service.beta.kubernetes.io/azure-load-balancer-internal-subnet";
const PARAMETER: &str = "clusterInternalLoadBalancerIpAddress";

/// Judges the internal load balancers of ingress controllers.
pub fn check(cx: &StampCx<'_>, out: &mut Findings) {
    let inventory = cx.inventory();
    let balancers: Vec<_> = cluster::balancers(inventory)
        .into_iter()
        .filter(|b| b.public == Some(false) && b.controller.is_some())
        .collect();
    let all = subnets(inventory);
    for balancer in &balancers {
        let Some((value, path)) = balancer.address() else { continue };
        let Some(text) = value.as_str() else {
            out.undetermined_at(Place::at(&balancer.service, path), "the address is not known");
            continue;
        };
        let help = "Give the Service, the parameter and the A record one address, within the stamp's ingress subnet";
        let report = |why: String, out: &mut Findings| {
            let message = format!("{} has address {text}: {why}", balancer.service.noun());
            out.push(Finding::at(&balancer.service, path.clone(), message).label(why).help(help));
        };
        let Ok(address) = text.parse::<IpAddr>() else {
            if text.contains(['<', '$', '{']) {
                out.undetermined_at(Place::at(&balancer.service, path), "the address is yet to be put in");
            } else {
                report("it is no address".into(), out);
            }
            continue;
        };
        let annotations = balancer.service.body.look("metadata.annotations").known();
        let named = annotations.and_then(|a| a.get(SUBNET)).and_then(Value::as_str);
        let of_name: Vec<_> =
            named.map(|n| all.iter().filter(|s| s.name.eq_ignore_ascii_case(n)).collect()).unwrap_or_default();
        let prefixes: Vec<_> =
            of_name.iter().filter_map(|s| s.prefix.and_then(Value::as_str)).filter_map(ranges::parse).collect();
        if !prefixes.is_empty() && prefixes.len() == of_name.len() && !prefixes.iter().any(|p| p.contains(&address)) {
            let shown: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
            report(format!("it is not in subnet `{}` ({})", named.unwrap_or_default(), shown.join(", ")), out);
            continue;
        }
        // Several internal load balancers share neither the parameter nor the record.
        if balancers.len() > 1 {
            continue;
        }
        let stated: Vec<&str> = cx
            .stamp
            .own
            .deployed
            .iter()
            .flat_map(|d| &d.parameters)
            .filter(|p| p.name.eq_ignore_ascii_case(PARAMETER))
            .filter_map(|p| p.value.as_str())
            .collect();
        if let Some(other) = stated.first().filter(|s| s.parse::<IpAddr>() != Ok(address)) {
            report(format!("the stamp's parameter `{PARAMETER}` says {other}"), out);
            continue;
        }
        if !stated.is_empty() {
            continue;
        }
        let backends: Vec<(String, &str)> = dns::records(inventory)
            .iter()
            .flat_map(|r| {
                r.addresses.iter().filter_map(|(_, v)| Some((r.fqdn.clone(), v.as_str()?))).collect::<Vec<_>>()
            })
            .filter(|(fqdn, _)| !fqdn.contains("privatelink"))
            .collect();
        if let [(fqdn, other)] = backends.as_slice()
            && other.parse::<IpAddr>() != Ok(address)
        {
            report(format!("the A record `{fqdn}` says {other}"), out);
        }
    }
}
