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

/// A megabyte in files of a usual size.
fn megabyte(unit: &str) -> Vec<Arc<Source>> {
    let unit = if unit == "usual" { USUAL } else { CONSTRUCTS };
    let file = unit.repeat(20_000 / unit.len());
    let store = Sources::new();
    (0..1_000_000 / file.len()).map(|n| store.add(format!("{n}.bicep"), file.as_str())).collect()
}

fn length(sources: &[Arc<Source>]) -> BytesCount {
    BytesCount::new(sources.iter().map(|s| s.text().len()).sum::<usize>())
}

#[divan::bench(args = ["constructs", "usual"])]
fn tokens(bencher: Bencher, unit: &str) {
    let sources = megabyte(unit);
    let count = || sources.iter().map(|s| bicep::lex(s.text()).tokens.len()).sum::<usize>();
    bencher.counter(length(&sources)).bench(count);
}

#[divan::bench(args = ["constructs", "usual"])]
fn parse(bencher: Bencher, unit: &str) {
    let sources = megabyte(unit);
    let count = || sources.iter().map(|s| bicep::parse(s).declarations.len()).sum::<usize>();
    bencher.counter(length(&sources)).bench(count);
}
