//! `resolve` and `render`: what templates and overlays come to.

use crate::support::Tree;

#[test]
fn resolve_prints_resources_with_what_is_not_known_and_where_it_comes_from() {
    let tree = Tree::copy("fleet");
    tree.write("context.yaml", "subscription: 00000000-1111-2222-3333-444444444444\nresourceGroup: rg-shop\n");
    let ran = tree.run(&[
        "resolve",
        "infra/cluster.bicep",
        "--parameters",
        "infra/cluster.parameters.eastus2.json",
        "--context",
        "context.yaml",
        "--origins",
        "--format",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let resource = &ran.json()["resources"][0];
    assert_eq!(resource["name"], "aks-eastus2");
    assert_eq!(resource["type"], "Microsoft.ContainerService/managedClusters");
    assert_eq!(resource["scope"], "resourceGroup");
    assert_eq!(
        resource["id"],
        "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg-shop/providers/\
         Microsoft.ContainerService/managedClusters/aks-eastus2"
    );
    assert_eq!(resource["body"]["properties"]["disableLocalAccounts"], true);
    assert!(resource["body"]["tags"]["hasCertificate"].to_string().contains("$unknown"), "{}", ran.out);
    let origins = &resource["origins"]["properties.disableLocalAccounts"];
    assert_eq!(origins[0], "infra/cluster.parameters.eastus2.json:6:40");
    assert!(origins.to_string().contains("infra/cluster.bicep:15:27"), "{origins}");
    let ran = tree.run(&["resolve", "infra/missing.bicep"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: `infra/missing.bicep` does not exist\n"));
    tree.write("context.yaml", "subscripton: x\n");
    let ran = tree.run(&["resolve", "infra/cluster.bicep", "--context", "context.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean `subscription`?"), "{}", ran.err);
}

#[test]
fn render_prints_an_overlay_and_no_secret() {
    let tree = Tree::copy("fleet");
    let ran = tree.run(&["render", "clusters/region2", "--origins"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("image: mcr.microsoft.com/agent:1.4.2"), "{}", ran.out);
    assert!(ran.out.starts_with("# from clusters/base/agent.yaml\n"), "{}", ran.out);
    tree.write("s/kustomization.yaml", "resources: [secret.yaml]\n");
    tree.write("s/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: hunter2}\n");
    let ran = tree.run(&["render", "s"]);
    assert!(ran.out.contains("key:") && !ran.out.contains("hunter2"), "{}", ran.out);
}
