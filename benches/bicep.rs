//! How fast Bicep is read: a template that holds every construct, and one as people write them, a megabyte of each.

use divan::Bencher;
use divan::counter::BytesCount;
use stamplint::read::bicep;
use stamplint::source::{Source, Sources};
use std::sync::Arc;

fn main() {
    divan::main();
}

const CONSTRUCTS: &str = include_str!("../src/read/bicep/parser/all.bicep");

const USUAL: &str = r#"
@description('The size of the nodes of the user pool.')
@allowed([
  'Standard_DS3_v2'
  'Standard_DS4_v2'
])
param nodeSize string = 'Standard_DS3_v2'

// The identity that pulls images.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'mi-${clusterName}-pull'
  location: location
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' = {
  name: clusterName
  location: location
  tags: {
    'Business unit': 'BU0001'
    'Application identifier': 'a0042'
  }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: uniqueString(subscription().subscriptionId, resourceGroup().id, clusterName)
    agentPoolProfiles: [
      {
        name: 'npuser01'
        count: 2
        vmSize: nodeSize
        osDiskSizeGB: 120
        availabilityZones: pickZones('Microsoft.Compute', 'virtualMachines', location, 3)
        vnetSubnetID: vnet::subnetNodes.id
        nodeTaints: []
      }
    ]
    networkProfile: {
      networkPlugin: 'azure'
      networkPolicy: 'azure'
      outboundType: empty(egressAddress) ? 'loadBalancer' : 'userDefinedRouting'
    }
    disableLocalAccounts: true
  }
  dependsOn: [
    identity
  ]
}

output kubeletIdentity string = cluster.properties.identityProfile.kubeletidentity.objectId
"#;

fn megabyte(unit: &str) -> Arc<Source> {
    let unit = if unit == "usual" { USUAL } else { CONSTRUCTS };
    Sources::new().add("main.bicep", unit.repeat(1_000_000 / unit.len()))
}

#[divan::bench(args = ["constructs", "usual"])]
fn tokens(bencher: Bencher, unit: &str) {
    let source = megabyte(unit);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| bicep::lex(source.text()));
}

#[divan::bench(args = ["constructs", "usual"])]
fn parse(bencher: Bencher, unit: &str) {
    let source = megabyte(unit);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| bicep::parse(&source));
}
