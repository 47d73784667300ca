//! Subnets, whether they stand in their network or are resources of their own.

use std::sync::Arc;

use super::{Same, same_id};
use crate::model::{Identity, Inventory, Resource};
use crate::path;
use crate::tree::{Kind, Part, Path, Text, Value};

/// A subnet.
#[derive(Debug)]
pub struct Subnet<'r> {
    /// The network or the subnet's own resource.
    pub resource: &'r Arc<Resource>,
    /// Its name, as far as it is known.
    pub name: String,
    /// Its id, as far as it is known.
    pub id: Value,
    /// Its properties.
    pub properties: Option<&'r Value>,
    /// Where its properties stand.
    pub path: Path,
    /// Its first address prefix.
    pub prefix: Option<&'r Value>,
    /// Where the prefix stands.
    pub prefix_path: Path,
}

/// The subnets of a stamp, those that are only referred to left out.
#[must_use]
pub fn subnets(inventory: &Inventory) -> Vec<Subnet<'_>> {
    let mut found = Vec::new();
    for network in inventory.azure("Microsoft.Network/virtualNetworks").filter(|r| !r.existing) {
        let listed = network.body.look("properties.subnets").known().map(Value::items).unwrap_or_default();
        for (i, item) in listed.iter().enumerate() {
            let Some(name) = item.get_ci("name") else { continue };
            found.push(subnet(
                network,
                child_id(network, name),
                name,
                item.get_ci("properties"),
                path!["properties", "subnets", i, "properties"],
            ));
        }
    }
    for own in inventory.azure("Microsoft.Network/virtualNetworks/subnets").filter(|r| !r.existing) {
        let Identity::Azure { id, .. } = &own.identity else { continue };
        let name = Value::string(own.name().rsplit('/').next().unwrap_or_default(), own.declared);
        found.push(subnet(own, id.clone(), &name, own.body.get_ci("properties"), path!["properties"]));
    }
    found
}

fn subnet<'r>(
    resource: &'r Arc<Resource>,
    id: Value,
    name: &Value,
    properties: Option<&'r Value>,
    path: Path,
) -> Subnet<'r> {
    let single = properties.and_then(|p| p.get_ci("addressPrefix"));
    let first = properties.and_then(|p| p.get_ci("addressPrefixes")).and_then(|l| l.items().first());
    let prefix_path = if single.is_some() || first.is_none() {
        path.join("addressPrefix")
    } else {
        path.join("addressPrefixes").join(0)
    };
    Subnet {
        resource,
        name: name.as_str().unwrap_or("…").to_owned(),
        id,
        properties,
        path,
        prefix: single.or(first),
        prefix_path,
    }
}

/// The id of a subnet that stands in its network: the network's with two segments more.
fn child_id(network: &Resource, name: &Value) -> Value {
    let Identity::Azure { id, .. } = &network.identity else { return Value::null(network.declared) };
    let mut parts: Vec<Part> = pieces(id);
    parts.push(Part::Text(Text::from("/subnets/")));
    parts.extend(pieces(name));
    Value::new(Kind::Parts(parts.into()), name.span)
}

fn pieces(value: &Value) -> Vec<Part> {
    match &value.kind {
        Kind::String(text) => vec![Part::Text(text.clone())],
        Kind::Parts(parts) => parts.to_vec(),
        Kind::Unknown(unknown) => vec![Part::Unknown(Arc::clone(unknown))],
        _ => Vec::new(),
    }
}

impl Subnet<'_> {
    /// Whether an id that may mean this subnet can mean no other of the stamp.
    #[must_use]
    pub fn is_only_candidate(&self, id: &Value, inventory: &Inventory) -> bool {
        same_id(id, &self.id) == Same::Yes
            || subnets(inventory).iter().filter(|s| same_id(id, &s.id) != Same::No).count() == 1
    }
}
