//! Every key of `stamplint.yaml` with its type and what it means. The reader checks against this table and the JSON
//! Schema is made from it, so neither can lag behind the other.

/// One key of a map.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub ty: &'static Type,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, one sentence.
    pub doc: &'static str,
}

/// What may stand somewhere.
#[derive(Debug)]
pub enum Type {
    /// A string.
    Text,
    /// A string, number or boolean; it counts as it is written.
    Scalar,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Count,
    /// A day, `2027-01-31`.
    Date,
    /// Anything.
    Any,
    /// One of some words.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Type),
    /// One, or a list of them.
    OneOrMore(&'static Type),
    /// A map from names of the user's choice.
    Map(&'static Type),
    /// A map with these keys.
    Object(&'static [Key]),
    /// One of several.
    Either(&'static [Type]),
    /// The id of a rule.
    Rule,
    /// Rules and families with their effect, severity and options: the catalogue knows them.
    Rules,
}

const fn key(name: &'static str, ty: &'static Type, doc: &'static str) -> Key {
    Key { name, ty, required: false, doc }
}

const fn required(name: &'static str, ty: &'static Type, doc: &'static str) -> Key {
    Key { name, ty, required: true, doc }
}

const TEXTS: Type = Type::List(&Type::Text);
const TEXT_OR_TEXTS: Type = Type::OneOrMore(&Type::Text);

/// The whole config.
pub const CONFIG: Type = Type::Object(&[
    key("fleet", &Type::Text, "The fleet's name. With it, the stamps are a fleet: they are compared with one another."),
    key("stamps", &Type::List(&STAMP), "The stamps. Adding one is adding a line."),
    key(
        "eachStamp",
        &PART,
        "What every stamp is made of. `{name}`, `{region}`, `{environment}` and `{vars.x}` stand for the stamp's own.",
    ),
    key("shared", &PART, "What is deployed once for all stamps. A fault there names all of them."),
    key("rules", &Type::Rules, "Effect, severity and options, by rule or by family."),
    key("environments", &Type::Map(&ENVIRONMENT), "What holds for the stamps of an environment only."),
    key("exempt", &EXEMPT, "What rules on manifests leave alone."),
    key("drift", &DRIFT, "What may differ between stamps."),
    key("frontDoor", &FRONT_DOOR, "The Front Door before the stamps, where no template gives it."),
    key("context", &CONTEXT, "What deployments are told from outside. What is not given is unknown."),
    key(
        "modules",
        &Type::Map(&Type::Text),
        "Local folders for modules and bases that lie elsewhere: `br:…`, `ts:…`, addresses of remote bases.",
    ),
    key("pipelines", &TEXT_OR_TEXTS, "Workflows that deploy (globs). The usual places are read without it."),
    key("suppressions", &Type::List(&SUPPRESSION), "Findings that somebody accepts."),
    key("policies", &Type::List(&POLICY), "Folders with policies."),
    key("helm", &HELM_PROGRAM, "Allows running helm."),
    key("ignore", &TEXT_OR_TEXTS, "Files that belong to no stamp, on purpose (globs)."),
]);

const PART: Type = Type::Object(&[DEPLOYMENTS, MANIFESTS, KUSTOMIZE, HELM]);

const DEPLOYMENTS: Key = key("deployments", &Type::List(&DEPLOYMENT), "Templates with their parameters.");
const MANIFESTS: Key = key("manifests", &TEXT_OR_TEXTS, "Kubernetes manifests: files, folders or globs.");
const KUSTOMIZE: Key = key("kustomize", &TEXT_OR_TEXTS, "Folders of kustomizations.");
const HELM: Key = key("helm", &Type::List(&CHART), "Charts, or what was rendered from them.");

/// One stamp.
const STAMP: Type = Type::Object(&[
    required("name", &Type::Scalar, "Its name, unlike any other's."),
    key("region", &Type::Text, "Its Azure region: `eastus2` or `East US 2`. The parameters' location without it."),
    key(
        "environment",
        &Type::Text,
        "Its environment. `dev`, `test` and the like are not production; every other one, and none, is.",
    ),
    key("vars", &Type::Map(&Type::Scalar), "Words for `{vars.x}` in what the stamps are made of."),
    DEPLOYMENTS,
    MANIFESTS,
    KUSTOMIZE,
    HELM,
    key("exclude", &TEXT_OR_TEXTS, "Manifests and overlays of `eachStamp` that this stamp does not have (globs)."),
    key("rules", &Type::Rules, "As `rules` above, for this stamp."),
    key("context", &CONTEXT, "As `context` above, for this stamp."),
    key("policies", &Type::List(&POLICY), "Folders with policies for this stamp."),
]);

/// One deployment.
const DEPLOYMENT: Type = Type::Object(&[
    key("id", &Type::Text, "What other entries call it; the template's stem without it."),
    key("template", &Type::Text, "The Bicep, ARM or Terraform template."),
    key("parameters", &TEXT_OR_TEXTS, "Parameter files, later ones over earlier ones."),
    key(
        "set",
        &Type::Map(&Type::Any),
        "Parameters given beside the files. `{id.outputs.x}` is another deployment's output.",
    ),
    key("resourceGroup", &Type::Text, "The resource group's name."),
    key("subscription", &Type::Text, "The subscription's id."),
    key("location", &Type::Text, "The location; the stamp's region without it."),
    key(
        "complete",
        &Type::Flag,
        "`false` where a command line that nobody reads may give further parameters; `true` without it.",
    ),
    key(
        "scope",
        &Type::Word(&["resourceGroup", "subscription", "managementGroup", "tenant"]),
        "Where it goes; the template's own word without it.",
    ),
]);

/// One chart.
const CHART: Type = Type::Object(&[
    key("id", &Type::Text, "What a stamp calls it to change it; the chart's last folder without it."),
    key("chart", &Type::Text, "The chart's folder."),
    key("rendered", &TEXT_OR_TEXTS, "What was rendered before: files, folders or globs."),
    key("values", &TEXT_OR_TEXTS, "Values files, later ones over earlier ones."),
    key("set", &Type::Map(&Type::Any), "Values given beside the files."),
    key("release", &Type::Text, "The release's name."),
    key("namespace", &Type::Text, "The namespace."),
]);

const ENVIRONMENT: Type = Type::Object(&[key("rules", &Type::Rules, "As `rules` above, for this environment.")]);

const EXEMPT: Type = Type::Object(&[key("namespaces", &TEXTS, "Replaces the default list of namespaces.")]);

const DRIFT: Type = Type::Object(&[
    key(
        "allow",
        &Type::List(&Type::Either(&[
            Type::Text,
            Type::Object(&[required("path", &Type::Text, "A path within resources.")]),
            Type::Object(&[required("type", &Type::Text, "A type of resources.")]),
        ])),
        "Parameters (globs), paths or types that may differ.",
    ),
    key("rollout", &TEXT_OR_TEXTS, "Stamps that run ahead on purpose."),
]);

const FRONT_DOOR: Type = Type::Object(&[
    key("id", &Type::Text, "Its id, a GUID."),
    key("ids", &TEXTS, "Their ids, where there are several."),
    key("trustedAddresses", &TEXTS, "Ranges that may pass by Front Door."),
]);

/// The deployment context: also what `resolve --context` reads.
pub const CONTEXT: Type = Type::Object(&CONTEXT_KEYS);

const CONTEXT_KEYS: [Key; 7] = [
    key("subscription", &Type::Text, "The subscription's id."),
    key("tenant", &Type::Text, "The tenant's id."),
    key("resourceGroup", &Type::Text, "The resource group's name."),
    key("deployer", &Type::Either(&[Type::Text, DEPLOYER]), "Who deploys: an object id, or more of it."),
    key("time", &Type::Text, "The time that `utcNow` gives, ISO 8601."),
    key("seed", &Type::Scalar, "Decides what `newGuid` gives."),
    key("environment", &Type::Map(&Type::Scalar), "Environment variables that parameter files read."),
];

const DEPLOYER: Type = Type::Object(&[
    key("objectId", &Type::Text, "The principal's object id."),
    key("tenantId", &Type::Text, "The principal's tenant."),
    key("userPrincipalName", &Type::Text, "The principal's name."),
]);

const SUPPRESSION: Type = Type::Object(&[
    required("rule", &Type::Rule, "The rule."),
    key("path", &Type::Text, "A file, a folder or a glob, seen from the config."),
    key("resource", &Type::Text, "The resource: `Kind/namespace/name` or `type/name`; `*` stands for any text."),
    key("stamps", &TEXT_OR_TEXTS, "The stamps; all without it."),
    key("reason", &Type::Text, "Why it is accepted."),
    key("until", &Type::Date, "The last day on which it holds."),
]);

const POLICY: Type = Type::Object(&[
    required("path", &Type::Text, "The folder or bundle."),
    key("dialect", &Type::Word(&["own", "gatekeeper", "conftest"]), "How its results are written."),
    key("namespaces", &TEXT_OR_TEXTS, "Rego namespaces that hold rules (conftest)."),
    key("data", &TEXT_OR_TEXTS, "Files and folders of data (conftest)."),
    key("combine", &Type::Flag, "Whether all documents of a stamp are one input (conftest)."),
    key("digest", &Type::Text, "The digest that a bundle must have."),
    key("timeout", &Type::Count, "Seconds that one evaluation may take."),
]);

const HELM_PROGRAM: Type = Type::Object(&[
    key("program", &Type::Text, "Its path; `helm` without it."),
    key("timeout", &Type::Count, "Seconds that it may take."),
]);

impl Type {
    /// What it is called in messages.
    #[must_use]
    pub fn noun(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Scalar => "a string or a number".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Date => "a day such as `2027-01-31`".to_owned(),
            Self::Any => "a value".to_owned(),
            Self::Rule => "the id of a rule".to_owned(),
            Self::Word(words) => format!("one of `{}`", words.join("`, `")),
            Self::List(_) => "a list".to_owned(),
            Self::OneOrMore(one) => format!("{} or a list", one.noun()),
            Self::Map(_) | Self::Object(_) | Self::Rules => "a map".to_owned(),
            Self::Either(types) => {
                let mut nouns: Vec<String> = types.iter().map(Self::noun).collect();
                nouns.dedup();
                nouns.join(" or ")
            }
        }
    }
}
