//! Runs made by hand from small texts, for the tests of the formats.

use std::sync::Arc;

use super::{Notification, Run, Shown, Summary};
use crate::model::{Existence, Fleet, Identity, Inventory, Resource, Stamp, StampSet};
use crate::rule::{Catalogue, DocumentSource, Effect, Selection, Settings, Verdict};
use crate::source::{Source, Sources, Span};
use crate::tree::Value;
use crate::triage::{FoundBy, Label, ReadyFix, Reported, Role, Triaged};

/// Everything that a run borrows.
pub(super) struct Stage {
    pub sources: Sources,
    pub catalogue: Catalogue,
    pub settings: Settings,
    pub fleet: Fleet,
    pub triaged: Triaged,
    pub summary: Summary,
    pub shown: Shown,
    pub notifications: Vec<Notification>,
}

impl Stage {
    /// A fleet with stamps, each with one cluster and one Deployment, and three rules.
    pub fn new(stamps: &[&str]) -> Self {
        let sources = Sources::new();
        let rules = [
            rule(
                "cluster",
                "local-accounts-enabled",
                "Local accounts are enabled",
                "high",
                "deny",
                "A local account has no name that can be traced.\n\n## How to fix\n\nEntra ID is then the only way in: set `disableLocalAccounts` to true. More follows.\n\n## Fails\n\n```yaml\na: 1\n```\n",
            ),
            rule(
                "images",
                "mutable-image-tag",
                "An image tag can move",
                "medium",
                "audit",
                "What runs is not what was tested.\n",
            ),
            rule(
                "input",
                "not-analysed",
                "A file that a stamp needs was not read",
                "high",
                "deny",
                "A run that looked at nothing is green for the wrong reason.\n",
            ),
        ];
        let (catalogue, errors) = Catalogue::read(
            rules.iter().map(|(family, id, path, text)| DocumentSource { family, id, path, text }),
            &sources,
        );
        assert!(errors.is_empty(), "{errors:?}");
        let layers = vec![Vec::new(); stamps.len().max(1)];
        let settings = Settings::new(&catalogue, &layers, &Selection::default());
        let held = vec![cluster("aks"), deployment("web")];
        let fleet = Fleet {
            declared: true,
            stamps: stamps
                .iter()
                .enumerate()
                .map(|(index, name)| Stamp {
                    index,
                    name: (*name).into(),
                    region: None,
                    region_from: None,
                    environment: None,
                    vars: Vec::new(),
                    declared: Span::NONE,
                    own: Default::default(),
                    inventory: Inventory::new(held.clone()),
                })
                .collect(),
            ..Fleet::default()
        };
        Self {
            sources,
            catalogue,
            settings,
            fleet,
            triaged: Triaged::default(),
            summary: Summary::default(),
            shown: Shown::default(),
            notifications: Vec::new(),
        }
    }

    pub fn run(&self) -> Run<'_> {
        Run {
            triaged: &self.triaged,
            fleet: &self.fleet,
            sources: &self.sources,
            catalogue: &self.catalogue,
            settings: &self.settings,
            summary: &self.summary,
            shown: self.shown,
            threshold: Some(Effect::Deny),
            color: false,
            unicode: true,
            version: "0.0.0",
            working: "",
            prefix: "",
            category: None,
            links: None,
            notifications: &self.notifications,
        }
    }

    /// A finding of a rule in stamps, without places.
    pub fn find(&mut self, rule: &str, message: &str, stamps: &[usize]) -> &mut Reported {
        let rule = Arc::clone(self.catalogue.get(rule).unwrap());
        let reported = Reported {
            effect: rule.effect,
            severity: rule.severity,
            verdict: Verdict::Fail,
            message: message.to_owned(),
            also: Vec::new(),
            help: None,
            stamps: StampSet::from_indexes(stamps.iter().copied()),
            places: Vec::new(),
            resource: None,
            path: String::new(),
            rendered_from: None,
            exempt: false,
            set_aside: None,
            fingerprints: vec![
                ("place/v1", format!("{:032x}", self.triaged.findings.len() + 1)),
                ("role/v1", format!("{:032x}", self.triaged.findings.len() + 1000)),
            ],
            fixes: Vec::new(),
            rule,
        };
        self.triaged.findings.push(reported);
        self.triaged.findings.last_mut().unwrap()
    }

    /// The finding that the design opens with: a parameter's value, used in a template.
    pub fn with_local_accounts(stamps: &[&str], hit: &[usize]) -> Self {
        let mut stage = Self::new(stamps);
        let parameters = stage.sources.add(
            "params/azuredeploy.parameters.centralus.json",
            "{\n  \"parameters\": {\n    \"disableLocalAccounts\": { \"value\": false }\n  }\n}\n",
        );
        let template = stage.sources.add(
            "cluster-stamp.bicep",
            "resource mc 'managedClusters' = {\n  properties: {\n    disableLocalAccounts: disableLocalAccounts\n  }\n}\n",
        );
        let places = vec![
            label(&parameters, "false", Role::Fix, "`disableLocalAccounts` is set to false here"),
            last(&template, "disableLocalAccounts", Role::Use, "used here"),
        ];
        let edit = (places[0].span, "true".to_owned());
        let finding = stage.find("local-accounts-enabled", "local accounts are not disabled on cluster `aks`", hit);
        finding.places = places;
        finding.resource = Some("Microsoft.ContainerService/managedClusters/aks".into());
        finding.path = "properties.disableLocalAccounts".into();
        finding.fixes = vec![ReadyFix { title: "set it to true".into(), edits: vec![edit], text: None }];
        stage
    }
}

/// A label on the first occurrence of a text.
pub(super) fn label(source: &Source, marked: &str, role: Role, text: &str) -> Label {
    at(source, source.text().find(marked).unwrap(), marked, role, text)
}

/// A label on the last occurrence of a text.
pub(super) fn last(source: &Source, marked: &str, role: Role, text: &str) -> Label {
    at(source, source.text().rfind(marked).unwrap(), marked, role, text)
}

fn at(source: &Source, start: usize, marked: &str, role: Role, text: &str) -> Label {
    Label { span: source.span(start, start + marked.len()), role, text: text.to_owned(), found: FoundBy::Exact }
}

fn rule<'t>(
    family: &'t str,
    id: &'t str,
    title: &str,
    severity: &str,
    effect: &str,
    body: &str,
) -> (&'t str, &'t str, String, String) {
    let text = format!(
        "---\ntitle: {title}\nseverity: {severity}\neffect: {effect}\nscope: resource\nengine: native\napplies-to: [kubernetes]\n\
         references: [\"https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad\"]\n\
         controls: {{cis-aks: [\"5.5.1\"]}}\nsince: 0.1.0\n---\n{body}"
    );
    (family, id, format!("rules/{family}/{id}.md"), text)
}

fn cluster(name: &str) -> Arc<Resource> {
    resource(Identity::Azure {
        ty: "Microsoft.ContainerService/managedClusters".into(),
        api_version: "2024-02-01".into(),
        name: name.into(),
        id: Value::string(name, Span::NONE),
    })
}

fn deployment(name: &str) -> Arc<Resource> {
    resource(Identity::Kubernetes {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some("shop".into()),
        name: name.into(),
    })
}

fn resource(identity: Identity) -> Arc<Resource> {
    Arc::new(Resource {
        identity,
        body: Value::map(Vec::new(), Span::NONE),
        declared: Span::NONE,
        existence: Existence::Exists,
        existing: false,
        deployment: None,
        rendered_from: None,
        calls: Arc::from([]),
    })
}
