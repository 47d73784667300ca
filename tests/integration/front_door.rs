//! The ways in: the text that is offered closes them, layer by layer, and the diagram says what guards each.

use crate::support::Tree;

const CONFIG: &str = "\
fleet: shop
frontDoor: {id: 421a1e5d-ee82-4dd6-b8ed-6cb67285f846}
stamps: [{name: eastus2, region: eastus2}]
eachStamp:
";

/// Where the fix is to be pasted.
const HERE: &str = "#HERE#";

const GATEWAY: &str = "
resource waf 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies@2023-11-01' = {
  name: 'waf'
  location: 'eastus2'
  properties: {
    policySettings: { state: 'Enabled', mode: 'Prevention' }
    #HERE#
    managedRules: { managedRuleSets: [ { ruleSetType: 'OWASP', ruleSetVersion: '3.2' } ] }
  }
}
resource agw 'Microsoft.Network/applicationGateways@2023-11-01' = {
  name: 'agw'
  location: 'eastus2'
  properties: {
    sku: { name: 'WAF_v2', tier: 'WAF_v2' }
    firewallPolicy: { id: waf.id }
    frontendIPConfigurations: [ { name: 'public', properties: { publicIPAddress: { id: resourceId('Microsoft.Network/publicIPAddresses', 'pip') } } } ]
    frontendPorts: [ { name: 'https', properties: { port: 443 } } ]
    backendAddressPools: [ { name: 'ingress', properties: { backendAddresses: [ { ipAddress: '10.31.4.4' } ] } } ]
    backendHttpSettingsCollection: [ { name: 'ingress', properties: { port: 443, protocol: 'Https' } } ]
    httpListeners: [
      {
        name: 'site'
        properties: {
          frontendIPConfiguration: { id: resourceId('Microsoft.Network/applicationGateways/frontendIPConfigurations', 'agw', 'public') }
          frontendPort: { id: resourceId('Microsoft.Network/applicationGateways/frontendPorts', 'agw', 'https') }
          protocol: 'Https'
          hostName: 'site.example.com'
        }
      }
    ]
    requestRoutingRules: [
      { name: 'site', properties: { ruleType: 'Basic', priority: 100, httpListener: { id: resourceId('Microsoft.Network/applicationGateways/httpListeners', 'agw', 'site') }, backendAddressPool: { id: resourceId('Microsoft.Network/applicationGateways/backendAddressPools', 'agw', 'ingress') }, backendHttpSettings: { id: resourceId('Microsoft.Network/applicationGateways/backendHttpSettingsCollection', 'agw', 'ingress') } } }
    ]
  }
}
";

const GATEWAY_ARM: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
      "apiVersion": "2023-11-01",
      "name": "waf",
      "location": "eastus2",
      "properties": {
        #HERE#
        "policySettings": { "state": "Enabled", "mode": "Prevention" },
        "managedRules": { "managedRuleSets": [ { "ruleSetType": "OWASP", "ruleSetVersion": "3.2" } ] }
      }
    },
    {
      "type": "Microsoft.Network/applicationGateways",
      "apiVersion": "2023-11-01",
      "name": "agw",
      "location": "eastus2",
      "properties": {
        "sku": { "name": "WAF_v2", "tier": "WAF_v2" },
        "firewallPolicy": { "id": "[resourceId('Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies', 'waf')]" },
        "frontendIPConfigurations": [ { "name": "public", "properties": { "publicIPAddress": { "id": "[resourceId('Microsoft.Network/publicIPAddresses', 'pip')]" } } } ],
        "frontendPorts": [ { "name": "https", "properties": { "port": 443 } } ],
        "backendAddressPools": [ { "name": "ingress", "properties": { "backendAddresses": [ { "ipAddress": "10.31.4.4" } ] } } ],
        "backendHttpSettingsCollection": [ { "name": "ingress", "properties": { "port": 443, "protocol": "Https" } } ],
        "httpListeners": [
          {
            "name": "site",
            "properties": {
              "frontendIPConfiguration": { "id": "[resourceId('Microsoft.Network/applicationGateways/frontendIPConfigurations', 'agw', 'public')]" },
              "frontendPort": { "id": "[resourceId('Microsoft.Network/applicationGateways/frontendPorts', 'agw', 'https')]" },
              "protocol": "Https",
              "hostName": "site.example.com"
            }
          }
        ],
        "requestRoutingRules": [
          {
            "name": "site",
            "properties": {
              "ruleType": "Basic",
              "priority": 100,
              "httpListener": { "id": "[resourceId('Microsoft.Network/applicationGateways/httpListeners', 'agw', 'site')]" },
              "backendAddressPool": { "id": "[resourceId('Microsoft.Network/applicationGateways/backendAddressPools', 'agw', 'ingress')]" },
              "backendHttpSettings": { "id": "[resourceId('Microsoft.Network/applicationGateways/backendHttpSettingsCollection', 'agw', 'ingress')]" }
            }
          }
        ]
      }
    }
  ]
}
"#;

const NGINX: &str = "
apiVersion: v1
kind: Service
metadata: {name: ingress-nginx, namespace: edge}
spec:
  type: LoadBalancer
  selector: {app.kubernetes.io/name: ingress-nginx}
  ports: [{name: https, port: 443}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    kubernetes.io/ingress.class: nginx
    #HERE#
spec:
  tls: [{hosts: [www.example.com], secretName: tls}]
  rules:
  - host: www.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
";

const TRAEFIK: &str = "
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: edge}
spec:
  type: LoadBalancer
  selector: {app.kubernetes.io/name: traefik}
  ports: [{name: websecure, port: 443, targetPort: websecure}]
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web, namespace: shop}
spec:
  entryPoints: [websecure]
  tls: {}
  routes:
  - kind: Rule
    match: Host(`www.example.com`) #HERE#
    services: [{name: web, port: 80}]
";

const GATEWAY_API: &str = "
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: cilium
  listeners: [{name: https, port: 443, protocol: HTTPS}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: edge}]
  rules:
  - matches:
    - path: {type: PathPrefix, value: /}
      #HERE#
    backendRefs: [{name: web, port: 80}]
";

const ISTIO: &str = "
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  type: LoadBalancer
  selector: {istio: ingressgateway}
  ports: [{name: https, port: 443}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [www.example.com]
  gateways: [istio-system/public]
  http:
  - route: [{destination: {host: web}}]
---
#HERE#
";

const API_MANAGEMENT: &str = "
resource apim 'Microsoft.ApiManagement/service@2023-05-01-preview' = {
  name: 'apim-shop'
  location: 'eastus2'
  sku: { name: 'Premium', capacity: 1 }
  properties: { publisherName: 'Shop', publisherEmail: 'api@example.com', virtualNetworkType: 'None', publicNetworkAccess: 'Enabled' }
}
resource all 'Microsoft.ApiManagement/service/policies@2023-05-01-preview' = {
  parent: apim
  name: 'policy'
  properties: {
    format: 'rawxml'
    value: '''
<policies>
  <inbound>
    #HERE#
    <base />
  </inbound>
  <backend><forward-request /></backend>
  <outbound />
  <on-error />
</policies>
'''
  }
}
";

const APP_SERVICE: &str = "
resource site 'Microsoft.Web/sites@2023-12-01' = {
  name: 'app-shop'
  location: 'eastus2'
  properties: {
    httpsOnly: true
    siteConfig: {
      ipSecurityRestrictionsDefaultAction: 'Deny'
      #HERE#
    }
  }
}
";

/// A fixture with a text in place of the mark, each further line as deep as the mark.
fn with(fixture: &str, text: &str) -> String {
    let at = fixture.find(HERE).unwrap();
    let line = fixture[..at].rfind('\n').map_or(0, |i| i + 1);
    let before = &fixture[line..at];
    let indent = if before.trim().is_empty() { before } else { "" };
    fixture.replace(HERE, &text.trim_end().replace('\n', &format!("\n{indent}")))
}

#[test]
fn the_text_that_is_offered_closes_the_way_in() {
    for (layer, file, fixture) in [
        ("a gateway in Bicep", "main.bicep", GATEWAY),
        ("a gateway in ARM", "main.json", GATEWAY_ARM),
        ("ingress-nginx", "app.yaml", NGINX),
        ("Traefik", "app.yaml", TRAEFIK),
        ("the Gateway API", "app.yaml", GATEWAY_API),
        ("Istio", "app.yaml", ISTIO),
        ("API Management", "main.bicep", API_MANAGEMENT),
        ("App Service", "main.bicep", APP_SERVICE),
    ] {
        let takes = if file.ends_with(".yaml") {
            format!("  manifests: [{file}]\n")
        } else {
            format!("  deployments: [{{template: {file}}}]\n")
        };
        let check = |text: &str| {
            let tree = Tree::new(&[]);
            tree.write("stamplint.yaml", format!("{CONFIG}{takes}").as_bytes());
            tree.write(file, with(fixture, text).as_bytes());
            tree.run(&["--format", "json", "--select", "fdid-not-checked,not-analysed,template-error"]).json()
        };
        let open = check("");
        let findings = open["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{layer}: {open:#}");
        assert_eq!(findings[0]["rule"], "fdid-not-checked", "{layer}");
        let fix = findings[0]["fixes"][0]["text"].as_str().unwrap_or_else(|| panic!("{layer}: no fix in {open:#}"));
        assert!(fix.contains("421a1e5d-ee82-4dd6-b8ed-6cb67285f846"), "{layer}: {fix}");
        let fix = if layer == "a gateway in ARM" { format!("{},", fix.trim_end()) } else { fix.to_owned() };
        let closed = check(&fix);
        assert_eq!(closed["findings"], serde_json::json!([]), "{layer}, after pasting:\n{fix}");
        assert_eq!(closed["summary"]["undetermined"], 0, "{layer}, after pasting:\n{fix}");
    }
}

#[test]
fn the_diagram_says_what_guards_each_way() {
    let tree = Tree::new(&[]);
    let guard = "nginx.ingress.kubernetes.io/enable-modsecurity: \"true\"
nginx.ingress.kubernetes.io/modsecurity-snippet: |
  SecRuleEngine On
  SecRule &REQUEST_HEADERS:X-Azure-FDID \"@eq 0\" \"id:106,phase:1,deny,status:403\"
  SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq 421a1e5d-ee82-4dd6-b8ed-6cb67285f846\" \"id:107,phase:1,deny,status:403\"
";
    let config = "\
frontDoor: {id: 421a1e5d-ee82-4dd6-b8ed-6cb67285f846}
stamps: [{name: eastus2}, {name: centralus}, {name: westus3}]
eachStamp: {manifests: [\"{name}.yaml\"]}
";
    tree.write("stamplint.yaml", config);
    tree.write("eastus2.yaml", with(NGINX, guard));
    tree.write("centralus.yaml", with(NGINX, "").replace("LoadBalancer", "ClusterIP"));
    tree.write("westus3.yaml", with(NGINX, ""));
    let ran = tree.run(&["explain", "fdid-not-checked", "--fleet"]);
    let expected = "\
eastus2
  the internet, and the config's Front Door
  └─ Service `ingress-nginx` → Ingress `web`
     guarded  by Ingress `web`, which turns away other ids

centralus
  the internet, and the config's Front Door
  └─ no public way in

westus3
  the internet, and the config's Front Door
  └─ Service `ingress-nginx` → Ingress `web`
     open     Ingress `web` does not check `X-Azure-FDID`
              westus3.yaml:11:7
";
    assert_eq!(ran.out, expected);
    assert_eq!(ran.code, 0);
    let one = tree.run(&["explain", "fdid-not-checked", "--fleet", "--stamp", "centralus"]).out;
    assert!(one.starts_with("centralus\n") && !one.contains("westus3"), "{one}");
    let other = tree.run(&["explain", "mutable-image-tag", "--fleet"]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("`--fleet` draws the ways in, which only `fdid-not-checked` follows"), "{}", other.err);
}
