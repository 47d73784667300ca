//! Which parameters are reported by another rule of the family, so that one cause is one finding.

use std::collections::BTreeSet;

use crate::model::Stamp;
use crate::model::azure::clusters;
use crate::model::image::image_uses;
use crate::tree::{Text, Value};

/// Parameters that end up where another rule compares: versions, images, the deployment's own location.
pub struct Explained(BTreeSet<Text>);

impl Explained {
    /// Reads the ways of the values that other rules compare.
    pub fn of(stamps: &[&Stamp]) -> Self {
        let mut names = BTreeSet::from([Text::from("location")]);
        for stamp in stamps {
            for cluster in clusters(&stamp.inventory) {
                let of_cluster = ["properties.kubernetesVersion", "properties.autoUpgradeProfile.nodeOSUpgradeChannel"];
                let values = of_cluster.iter().filter_map(|path| cluster.resource.body.look(path).known());
                let of_pools = cluster.pools.iter().filter_map(|p| p.look("orchestratorVersion").known());
                values.chain(of_pools).for_each(|v| add(v, &mut names));
            }
            for resource in stamp.inventory.all() {
                image_uses(resource, &[]).iter().filter_map(|i| i.value).for_each(|v| add(v, &mut names));
            }
        }
        Self(names)
    }

    /// Whether another rule reports a parameter's difference.
    pub fn elsewhere(&self, name: &str) -> bool {
        self.0.contains(name) || self.0.iter().any(|n| n.eq_ignore_ascii_case(name))
    }
}

fn add(value: &Value, names: &mut BTreeSet<Text>) {
    let _ = value.origin.leads_through(&mut |step| {
        names.extend(step.name.clone());
        false
    });
}
