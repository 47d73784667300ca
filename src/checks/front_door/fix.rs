//! Text to paste for the layer that a stamp uses, with the fleet's own id in it.

use crate::model::ways::{Hole, Layer, front_door};
use crate::model::{Fleet, Inventory};
use crate::rule::Fix;
use crate::tree::Value;

/// The mending text for a hole; none for a layer that cannot check.
#[must_use]
pub fn of(hole: &Hole, fleet: &Fleet, inventory: &Inventory) -> Option<Fix> {
    let declared = fleet.facts.front_door.ids.first().and_then(Value::as_str).map(str::to_owned);
    let arm = hole.spot.resource.body.get("type").is_some_and(|t| t.span == hole.spot.resource.declared);
    let id = declared.clone().unwrap_or_else(|| "<id of the Front Door>".to_owned());
    let (title, text) = match hole.layer {
        Layer::Waf if arm => {
            let id = declared.unwrap_or_else(|| "[parameters('frontDoorId')]".to_owned());
            ("Add a custom rule to the WAF policy", waf_json(&id))
        }
        Layer::Waf => {
            let own = front_door::id_expression(inventory);
            let id = declared.map_or_else(|| own.unwrap_or_else(|| "frontDoorId".to_owned()), |id| format!("'{id}'"));
            ("Add a custom rule to the WAF policy", waf_bicep(&id))
        }
        Layer::Nginx => ("Add annotations to the Ingress", nginx(&id)),
        Layer::Traefik => ("Ask for the header in the match", format!("&& Header(`X-Azure-FDID`, `{id}`)\n")),
        Layer::GatewayApi => ("Ask for the header in each match", gateway_api(&id)),
        Layer::Istio => ("Add a policy on the ingress gateway", istio(&id, inventory)),
        Layer::ApiManagement => ("Check the header in the inbound policy", api_management(&id)),
        Layer::AppService => ("Restrict access to this Front Door", app_service(&id)),
        Layer::Other => return None,
    };
    Some(Fix { title: title.to_owned(), edits: Vec::new(), text: Some(text) })
}

fn waf_bicep(id: &str) -> String {
    format!(
        "customRules: [
  {{
    name: 'OnlyOurFrontDoor'
    priority: 1
    ruleType: 'MatchRule'
    action: 'Block'
    state: 'Enabled'
    matchConditions: [
      {{
        matchVariables: [
          {{
            variableName: 'RequestHeaders'
            selector: 'X-Azure-FDID'
          }}
        ]
        operator: 'Equal'
        negationConditon: true
        matchValues: [
          {id}
        ]
      }}
    ]
  }}
]
"
    )
}

fn waf_json(id: &str) -> String {
    format!(
        "\"customRules\": [
  {{
    \"name\": \"OnlyOurFrontDoor\",
    \"priority\": 1,
    \"ruleType\": \"MatchRule\",
    \"action\": \"Block\",
    \"state\": \"Enabled\",
    \"matchConditions\": [
      {{
        \"matchVariables\": [{{ \"variableName\": \"RequestHeaders\", \"selector\": \"X-Azure-FDID\" }}],
        \"operator\": \"Equal\",
        \"negationConditon\": true,
        \"matchValues\": [\"{id}\"]
      }}
    ]
  }}
]
"
    )
}

fn nginx(id: &str) -> String {
    format!(
        "nginx.ingress.kubernetes.io/enable-modsecurity: \"true\"
nginx.ingress.kubernetes.io/modsecurity-snippet: |
  SecRuleEngine On
  SecRule &REQUEST_HEADERS:X-Azure-FDID \"@eq 0\" \"id:106,phase:1,deny,status:403,log,msg:'no Front Door id'\"
  SecRule REQUEST_HEADERS:X-Azure-FDID \"!@streq {id}\" \"id:107,phase:1,deny,status:403,log,msg:'another Front Door'\"
"
    )
}

fn gateway_api(id: &str) -> String {
    format!("headers:\n- name: X-Azure-FDID\n  type: Exact\n  value: {id}\n")
}

/// The policy for the pods of the ingress gateway: it holds in their namespace only.
fn istio(id: &str, inventory: &Inventory) -> String {
    let gateway = inventory.kind("Service").find_map(|service| {
        let selector = service.body.look("spec.selector").known()?.entries();
        let is_public = service.body.look("spec.type").known().and_then(Value::as_str) == Some("LoadBalancer");
        let labels: Vec<String> =
            selector.iter().filter_map(|e| Some(format!("      {}: {}", e.key, e.value.as_str()?))).collect();
        (is_public && selector.iter().any(|e| e.key == "istio")).then(|| (service.namespace(), labels.join("\n")))
    });
    let (namespace, labels) = gateway.unwrap_or_else(|| ("istio-system", "      istio: ingressgateway".to_owned()));
    format!(
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: only-our-front-door
  namespace: {namespace}
spec:
  selector:
    matchLabels:
{labels}
  action: DENY
  rules:
  - when:
    - key: request.headers[x-azure-fdid]
      notValues: [\"{id}\"]
"
    )
}

fn api_management(id: &str) -> String {
    format!(
        "<check-header name=\"X-Azure-FDID\" failed-check-httpcode=\"403\" failed-check-error-message=\"Forbidden\" ignore-case=\"true\">
  <value>{id}</value>
</check-header>
"
    )
}

fn app_service(id: &str) -> String {
    format!(
        "ipSecurityRestrictions: [
  {{
    name: 'OnlyOurFrontDoor'
    priority: 100
    action: 'Allow'
    tag: 'ServiceTag'
    ipAddress: 'AzureFrontDoor.Backend'
    headers: {{
      'x-azure-fdid': [
        '{id}'
      ]
    }}
  }}
]
"
    )
}
