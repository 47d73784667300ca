//! Random overlays, the same for the same seed. Values are odd on purpose: scalars of every YAML type and quoting, wrong
//! types, directives in wrong places; fewer of them where the overlays are to be gentle.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a program for developers"
)]

use std::fmt::Write as _;
use std::path::Path;

/// A small generator of random numbers.
struct Random(u64, bool);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 11) as usize % n.max(1)
    }
    /// True once in `n`.
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// A piece of YAML.
#[derive(Clone, Debug)]
enum Node {
    /// As it is written; lines after a block's header without their indentation.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

use Node::{List, Map, Scalar};

fn s(text: &str) -> Node {
    Scalar(text.to_owned())
}

fn m(entries: Vec<(&str, Node)>) -> Node {
    Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

const ODD: &[&str] = &[
    "a",
    "b-c",
    "'1'",
    "1",
    "\"true\"",
    "true",
    "yes",
    "'yes'",
    "off",
    "0644",
    "'0644'",
    "1.0",
    "1e3",
    "\"1e3\"",
    "null",
    "~",
    "",
    "''",
    "\"\"",
    "2020-01-01",
    "'2020-01-01'",
    "2020-01-01T00:00:00Z",
    ".5",
    "+1",
    "0x1F",
    "1_000",
    "-3",
    "a b",
    "'a: b'",
    "|\none\ntwo\n",
    "|-\none\n  two",
    ">\none\ntwo\n\nthree\n",
    ">-\none two",
    "\"x\\ty\"",
    "'it''s'",
    "!!str 5",
    "0o17",
    "12345678901",
    "1.50",
    "nginx:1.2",
    "$(VAR)",
    "x=y",
    "{}",
    "[]",
    "[1, a]",
    "{k: v}",
    "0b11",
    "é",
];
const WORDS: &[&str] = &["app", "web", "api", "db", "cache", "job"];
const KEYS: &[&str] = &["alpha", "beta", "gamma", "delta", "epsilon", "a.b/c"];

fn odd(r: &mut Random) -> Node {
    if r.1 && !r.one_in(6) {
        return string(r);
    }
    Scalar(r.pick(ODD).to_owned())
}

fn word(r: &mut Random) -> &'static str {
    r.pick(WORDS)
}

fn string(r: &mut Random) -> Node {
    let plain = ["x", "'y'", "\"z\"", "'7'", "prod", "'true'", "long-value", "\"a b\""];
    s(r.pick(&plain))
}

fn words(r: &mut Random, n: usize) -> Node {
    let mut entries = Vec::new();
    for key in KEYS.iter().take(4) {
        if entries.len() < n && !r.one_in(3) {
            let value = if r.one_in(8) { odd(r) } else { string(r) };
            let value = if matches!(value, Scalar(_)) { value } else { string(r) };
            entries.push(((*key).to_owned(), value));
        }
    }
    Map(entries)
}

fn metadata(r: &mut Random, name: &str, namespaced: bool) -> Node {
    let mut entries = vec![("name", s(name))];
    if namespaced && r.one_in(3) {
        entries.push(("namespace", s(r.pick(&["one", "two", "default"]))));
    }
    if r.one_in(2) {
        entries.push(("labels", words(r, 3)));
    }
    if r.one_in(3) {
        entries.push(("annotations", if r.one_in(6) { s("") } else { words(r, 3) }));
    }
    if r.one_in(8) {
        entries.push(("creationTimestamp", s(r.pick(&["null", "~", ""]))));
    }
    if r.one_in(8) {
        entries.push(("finalizers", List(vec![s("f/one"), s("f/two")])));
    }
    m(entries)
}

fn container(r: &mut Random, name: &str) -> Node {
    let mut entries = vec![
        ("name", s(name)),
        ("image", s(r.pick(&["nginx", "nginx:1.2", "r.io/a/api:v1", "r.io:5000/web@sha256:abcd", "'busybox:1'"]))),
    ];
    if r.one_in(2) {
        let env = (0..=r.below(3)).map(|i| {
            let name = ("name", s(["A", "B", "C"][i.min(2)]));
            if r.one_in(3) {
                let kind = if r.one_in(2) { "configMapKeyRef" } else { "secretKeyRef" };
                let reference = m(vec![("name", s(word(r))), ("key", s("k"))]);
                m(vec![name, ("valueFrom", m(vec![(kind, reference)]))])
            } else {
                m(vec![name, ("value", if r.one_in(6) { scalar(r) } else { string(r) })])
            }
        });
        entries.push(("env", List(env.collect())));
    }
    if r.one_in(3) {
        let ports = (0..=r.below(3)).map(|i| {
            let mut port = vec![("containerPort", s(["80", "443", "80"][i.min(2)]))];
            if r.one_in(2) {
                port.push(("protocol", s(r.pick(&["TCP", "UDP"]))));
            }
            if r.one_in(2) {
                port.push(("name", s(r.pick(&["http", "https", "x"]))));
            }
            m(port)
        });
        entries.push(("ports", List(ports.collect())));
    }
    if r.one_in(3) {
        entries.push(("args", List((0..r.below(3)).map(|_| string(r)).collect())));
    }
    if r.one_in(4) {
        entries.push(("volumeMounts", List(vec![m(vec![("name", s("v")), ("mountPath", s("/v"))])])));
    }
    if r.one_in(4) {
        entries.push((
            "resources",
            m(vec![("limits", m(vec![("cpu", s(r.pick(&["1", "'1'", "100m"]))), ("memory", odd(r))]))]),
        ));
    }
    if r.one_in(4) {
        entries.push(("envFrom", List(vec![m(vec![("configMapRef", m(vec![("name", s(word(r)))]))])])));
    }
    m(entries)
}

fn pod(r: &mut Random) -> Node {
    let containers = (0..=r.below(2)).map(|i| container(r, ["main", "side", "x"][i])).collect();
    let mut entries = vec![("containers", List(containers))];
    if r.one_in(4) {
        entries.push(("initContainers", if r.one_in(5) { s("") } else { List(vec![container(r, "init")]) }));
    }
    if r.one_in(3) {
        let volume = match r.below(4) {
            0 => m(vec![("name", s("v")), ("configMap", m(vec![("name", s(word(r)))]))]),
            1 => m(vec![("name", s("v")), ("secret", m(vec![("secretName", s(word(r)))]))]),
            2 => m(vec![("name", s("v")), ("emptyDir", m(vec![]))]),
            _ => m(vec![("name", s("v")), ("persistentVolumeClaim", m(vec![("claimName", s(word(r)))]))]),
        };
        entries.push(("volumes", List(vec![volume])));
    }
    if r.one_in(3) {
        entries.push(("serviceAccountName", s(word(r))));
    }
    if r.one_in(5) {
        entries.push(("tolerations", List(vec![m(vec![("key", s("k")), ("operator", s("Exists"))])])));
    }
    if r.one_in(6) {
        entries.push(("nodeSelector", words(r, 2)));
    }
    m(vec![("metadata", m(vec![("labels", words(r, 2))])), ("spec", m(entries))])
}

const KINDS: &[(&str, &str)] = &[
    ("apps/v1", "Deployment"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("networking.k8s.io/v1", "Ingress"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("example.com/v1", "Widget"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
];

#[derive(Clone)]
struct Object {
    version: &'static str,
    kind: &'static str,
    name: String,
    node: Node,
}

fn object(r: &mut Random) -> Object {
    let (version, kind) = r.pick(KINDS);
    let name = word(r).to_owned();
    let namespaced = !matches!(kind, "Namespace" | "ClusterRoleBinding");
    let mut entries = vec![("apiVersion", s(version)), ("kind", s(kind)), ("metadata", metadata(r, &name, namespaced))];
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => {
            let mut spec = vec![("template", pod(r))];
            if kind != "Job" {
                spec.push(("selector", m(vec![("matchLabels", words(r, 2))])));
            }
            if kind != "DaemonSet" && r.one_in(2) {
                spec.push(("replicas", s(r.pick(&["1", "'2'", "3", "null", ""]))));
            }
            if kind == "StatefulSet" {
                spec.push(("serviceName", s(word(r))));
                spec.push(("volumeClaimTemplates", List(vec![m(vec![("metadata", m(vec![("name", s("data"))]))])])));
            }
            entries.push(("spec", m(spec)));
        }
        "CronJob" => {
            let job = m(vec![("spec", m(vec![("template", pod(r))]))]);
            entries.push(("spec", m(vec![("schedule", s("'* * * * *'")), ("jobTemplate", job)])));
        }
        "Pod" => {
            if let Map(mut parts) = pod(r) {
                entries.push(("spec", parts.pop().unwrap().1));
            }
        }
        "Service" => {
            let ports = (0..=r.below(2))
                .map(|i| m(vec![("port", s(["80", "443", "90"][i])), ("targetPort", odd(r))]))
                .collect();
            entries.push(("spec", m(vec![("ports", List(ports)), ("selector", words(r, 2))])));
        }
        "ConfigMap" | "Secret" => {
            let data = KEYS.iter().take(r.below(4)).map(|k| ((*k).to_owned(), scalar(r))).collect();
            entries.push(("data", Map(data)));
        }
        "Role" => {
            let rule =
                m(vec![("resources", List(vec![s("secrets")])), ("resourceNames", List(vec![s(word(r)), s(word(r))]))]);
            entries.push(("rules", List(vec![rule])));
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            entries.push((
                "roleRef",
                m(vec![("apiGroup", s("rbac.authorization.k8s.io")), ("kind", s("Role")), ("name", s(word(r)))]),
            ));
            let mut subject = vec![("kind", s("ServiceAccount")), ("name", s(r.pick(&["app", "web", "default"])))];
            if r.one_in(2) {
                subject.push(("namespace", s(r.pick(&["one", "two"]))));
            }
            entries.push(("subjects", List(vec![m(subject)])));
        }
        "Ingress" => {
            let backend = m(vec![("service", m(vec![("name", s(word(r)))]))]);
            let path = m(vec![("path", s("/")), ("backend", backend)]);
            let rule = m(vec![("host", s("a.example.com")), ("http", m(vec![("paths", List(vec![path]))]))]);
            entries.push((
                "spec",
                m(vec![("rules", List(vec![rule])), ("tls", List(vec![m(vec![("secretName", s(word(r)))])]))]),
            ));
        }
        "HorizontalPodAutoscaler" => {
            let target = m(vec![("apiVersion", s("apps/v1")), ("kind", s("Deployment")), ("name", s(word(r)))]);
            entries.push(("spec", m(vec![("scaleTargetRef", target)])));
        }
        "Widget" => {
            let part = m(vec![("name", s("p")), ("value", odd(r))]);
            entries.push((
                "spec",
                m(vec![("size", odd(r)), ("parts", List(vec![part, s("x")])), ("deep", m(vec![("er", odd(r))]))]),
            ));
        }
        "NetworkPolicy" => {
            entries.push((
                "spec",
                m(vec![
                    ("podSelector", m(vec![("matchLabels", words(r, 2))])),
                    ("policyTypes", List(vec![s("Ingress")])),
                ]),
            ));
        }
        _ => {}
    }
    Object { version, kind, name, node: m(entries) }
}

fn scalar(r: &mut Random) -> Node {
    loop {
        let text = r.pick(ODD);
        if !text.starts_with(['{', '[']) {
            return s(text);
        }
    }
}

/// A patch of a part of an object: some fields of it, changed.
fn mutate(r: &mut Random, node: &Node, depth: usize) -> Node {
    match node {
        Map(entries) => {
            let mut made = Vec::new();
            for (key, value) in entries {
                let keep = matches!(key.as_str(), "name" | "containerPort" | "mountPath" | "port") && depth > 1;
                if keep {
                    if !r.one_in(12) {
                        made.push((key.clone(), value.clone()));
                    }
                    continue;
                }
                match r.below(24) {
                    0..=9 => {}
                    10 => made.push((key.clone(), s("null"))),
                    11 if depth > 1 && matches!(value, Scalar(_)) => made.push((key.clone(), odd(r))),
                    _ => made.push((key.clone(), mutate(r, value, depth + 1))),
                }
            }
            let key = r.pick(KEYS).to_owned();
            if r.one_in(5) && depth > 1 && !made.iter().any(|(k, _)| *k == key) {
                made.push((key, odd(r)));
            }
            if r.one_in(40) && depth > 1 {
                made.push(("$patch".to_owned(), s(r.pick(&["delete", "replace", "merge"]))));
            }
            Map(made)
        }
        List(items) => {
            let mut made: Vec<Node> = Vec::new();
            for item in items {
                if r.one_in(3) {
                    continue;
                }
                made.push(mutate(r, item, depth + 1));
            }
            if r.one_in(6) {
                made.push(match items.first() {
                    Some(Map(_)) => m(vec![("name", s(r.pick(&["new", "main", "A", "http"]))), ("value", string(r))]),
                    _ => string(r),
                });
            }
            if r.one_in(40) {
                made.push(m(vec![("$patch", s(r.pick(&["delete", "replace"])))]));
            }
            if r.one_in(6) {
                made.reverse();
            }
            List(made)
        }
        Scalar(_) if r.one_in(2) => string(r),
        Scalar(_) => odd(r),
    }
}

fn strategic(r: &mut Random, object: &Object) -> Node {
    let Map(entries) = &object.node else { unreachable!() };
    let mut made = vec![("apiVersion".to_owned(), s(object.version)), ("kind".to_owned(), s(object.kind))];
    for (key, value) in entries {
        match key.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" => {
                let Map(mut meta) = mutate(r, value, 2) else { unreachable!() };
                meta.retain(|(k, _)| k != "name" && k != "namespace");
                meta.insert(0, ("name".to_owned(), s(&object.name)));
                if let Map(own) = value
                    && let Some((_, namespace)) = own.iter().find(|(k, _)| k == "namespace")
                {
                    meta.insert(1, ("namespace".to_owned(), namespace.clone()));
                }
                made.push((key.clone(), Map(meta)));
            }
            _ if r.one_in(4) => {}
            _ => made.push((key.clone(), mutate(r, value, 2))),
        }
    }
    if r.one_in(30) {
        made.push(("$patch".to_owned(), s("delete")));
    }
    Map(made)
}

fn paths(node: &Node, at: &str, found: &mut Vec<String>) {
    match node {
        Map(entries) => {
            for (key, value) in entries {
                let path = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                found.push(path.clone());
                paths(value, &path, found);
            }
        }
        List(items) => {
            for (i, value) in items.iter().enumerate() {
                let path = format!("{at}/{i}");
                found.push(path.clone());
                paths(value, &path, found);
            }
            found.push(format!("{at}/-"));
        }
        Scalar(_) => {}
    }
}

fn json(r: &mut Random, object: &Object) -> Node {
    let mut all = Vec::new();
    paths(&object.node, "", &mut all);
    all.retain(|p| !matches!(p.as_str(), "/apiVersion" | "/kind" | "/metadata" | "/metadata/name"));
    if all.is_empty() {
        return List(Vec::new());
    }
    let operations = (0..=r.below(2)).map(|_| {
        let path = r.pick(&all);
        let quoted = |p: &str| Scalar(format!("\"{p}\""));
        let path = if r.1 && path.ends_with('-') { "/metadata/annotations/z".to_owned() } else { path };
        match if r.1 { 1 + r.below(8) } else { r.below(12) } {
            0 | 1 => m(vec![("op", s("replace")), ("path", quoted(&path)), ("value", odd(r))]),
            2 if !path.ends_with('-') => m(vec![("op", s("remove")), ("path", quoted(&path))]),
            3 => m(vec![("op", s("copy")), ("from", quoted(&path)), ("path", quoted("/metadata/annotations/copied"))]),
            4 if r.one_in(4) => m(vec![("op", s("add")), ("path", quoted(&format!("{path}/new"))), ("value", odd(r))]),
            5..=8 => m(vec![
                ("op", s("add")),
                ("path", quoted(&format!("/metadata/annotations/x{}", r.below(3)))),
                ("value", string(r)),
            ]),
            _ => m(vec![("op", s("add")), ("path", quoted(&path)), ("value", odd(r))]),
        }
    });
    List(operations.collect())
}

fn write(node: &Node, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match node {
        Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        List(items) if items.is_empty() => out.push_str(" []\n"),
        Map(entries) => {
            out.push('\n');
            for (key, value) in entries {
                let _ = write!(out, "{pad}{key}:");
                write(value, indent + 2, out);
            }
        }
        List(items) => {
            out.push('\n');
            for item in items {
                let mut inner = String::new();
                write(item, indent + 2, &mut inner);
                let inner =
                    inner.strip_prefix('\n').map_or(inner.clone(), |rest| format!(" {}", rest.trim_start_matches(' ')));
                let _ = write!(out, "{pad}-{inner}");
            }
        }
        Scalar(text) => {
            let mut lines = text.trim_end_matches('\n').lines();
            let _ = writeln!(out, " {}", lines.next().unwrap_or_default());
            for line in lines {
                if line.is_empty() {
                    out.push('\n');
                } else {
                    let _ = writeln!(out, "{pad}{line}");
                }
            }
        }
    }
}

fn text(node: &Node) -> String {
    let mut out = String::new();
    write(node, 0, &mut out);
    out.trim_start_matches('\n').trim_start_matches(' ').to_owned()
}

fn block(content: &str) -> Node {
    Scalar(format!("|-\n{}", content.trim_end()))
}

/// What an overlay does, with the objects that it sees.
fn kustomization(r: &mut Random, dir: &Path, objects: &[Object], resources: &[String]) -> Node {
    let mut entries = vec![("resources".to_owned(), List(resources.iter().map(|p| s(p)).collect()))];
    let mut add = |key: &str, node: Node| entries.push((key.to_owned(), node));
    if r.one_in(4) {
        add("namespace", s(r.pick(&["prod", "one"])));
    }
    if r.one_in(4) {
        add("namePrefix", s(r.pick(&["pre-", "'1'"])));
    }
    if r.one_in(5) {
        add("nameSuffix", s("-suf"));
    }
    if r.one_in(5) {
        add("commonLabels", m(vec![("team", s("a")), ("alpha", s("'7'"))]));
    }
    if r.one_in(4) {
        let mut label = vec![("pairs", m(vec![("tier", s("x"))]))];
        for flag in ["includeSelectors", "includeTemplates"] {
            if r.one_in(3) {
                label.push((flag, s("true")));
            }
        }
        add("labels", List(vec![m(label)]));
    }
    if r.one_in(5) {
        add("commonAnnotations", m(vec![("note", s("'2020-01-01'")), ("beta", s("b"))]));
    }
    if r.one_in(4) {
        let mut image = vec![("name", s(r.pick(&["nginx", "r.io/a/api", "r.io:5000/web", "busybox"])))];
        match r.below(4) {
            0 => image.push(("newTag", s("v9"))),
            1 => image.push(("newName", s("other/image"))),
            2 => image.push(("digest", s("sha256:1234"))),
            _ => image.extend([("newName", s("n")), ("newTag", s("'7'"))]),
        }
        add("images", List(vec![m(image)]));
    }
    if r.one_in(20) {
        add("replicas", List(vec![m(vec![("name", s(word(r))), ("count", s("5"))])]));
    }
    if r.one_in(3) {
        let mut generators = Vec::new();
        for key in ["configMapGenerator", "secretGenerator"] {
            if r.one_in(2) {
                let mut generator =
                    vec![("name", s(word(r))), ("literals", List(vec![s("k=v"), s("n='1'"), s("m=a=b")]))];
                if r.one_in(8) {
                    generator.push(("behavior", s(r.pick(&["merge", "replace", "create"]))));
                }
                if r.one_in(3) {
                    generator.push(("files", List(vec![s("data.txt"), s("other=data.txt")])));
                }
                if r.one_in(4) {
                    generator.push(("envs", List(vec![s("data.env")])));
                }
                if r.one_in(4) {
                    generator.push((
                        "options",
                        m(vec![("disableNameSuffixHash", s("true")), ("labels", m(vec![("g", s("l"))]))]),
                    ));
                }
                generators.push((key, List(vec![m(generator)])));
            }
        }
        std::fs::write(
            dir.join("data.txt"),
            r.pick(&["line\n", "one\ntwo\n", "", "  lead\ntrail  \n", "a\r\nb\r\n", "\ttab"]),
        )
        .unwrap();
        std::fs::write(dir.join("data.env"), "A=1\n# no\n B = x\n\nC\nD='q'\n").unwrap();
        for (key, node) in generators {
            add(key, node);
        }
    }
    let mut patches = Vec::new();
    for number in 0..r.below(4) {
        let object = r.pick(objects);
        let target = m(vec![("kind", s(object.kind)), ("name", s(&object.name))]);
        match r.below(6) {
            0 | 1 => {
                let file = format!("patch{number}.yaml");
                std::fs::write(dir.join(&file), text(&strategic(r, &object))).unwrap();
                patches.push(m(vec![("path", s(&file))]));
            }
            2 => patches.push(m(vec![("patch", block(&text(&strategic(r, &object))))])),
            3 => {
                let target = match r.below(3) {
                    0 => m(vec![("kind", s("Deployment|StatefulSet"))]),
                    1 => m(vec![("labelSelector", s("alpha"))]),
                    _ => target,
                };
                patches.push(m(vec![("patch", block(&text(&strategic(r, &object)))), ("target", target)]));
            }
            _ => patches.push(m(vec![("patch", block(&text(&json(r, &object)))), ("target", target)])),
        }
    }
    if !patches.is_empty() {
        add("patches", List(patches));
    }
    if r.one_in(9) {
        let (from, to) = (r.pick(objects), r.pick(objects));
        let field = r.pick(&[
            "metadata.name",
            "spec.replicas",
            "data.alpha",
            "spec.template.spec.containers.0.image",
            "metadata.labels.alpha",
        ]);
        let path = r.pick(&[
            "spec.template.spec.containers.[name=main].env.[name=A].value",
            "metadata.labels.alpha",
            "spec.template.spec.containers.*.image",
            "data.beta",
            "spec.replicas",
            "metadata.annotations.new",
        ]);
        let mut target =
            vec![("select", m(vec![("kind", s(to.kind)), ("name", s(&to.name))])), ("fieldPaths", List(vec![s(path)]))];
        let mut options = Vec::new();
        if r.one_in(2) {
            options.push(("create", s("true")));
        }
        if r.one_in(4) {
            options.extend([("delimiter", s("':'")), ("index", s("1"))]);
        }
        if !options.is_empty() {
            target.push(("options", m(options)));
        }
        let source = m(vec![("kind", s(from.kind)), ("name", s(&from.name)), ("fieldPath", s(field))]);
        add("replacements", List(vec![m(vec![("source", source), ("targets", List(vec![m(target)]))])]));
    }
    if r.one_in(8) {
        add("sortOptions", m(vec![("order", s(r.pick(&["fifo", "legacy"])))]));
    }
    if r.one_in(10) {
        add("buildMetadata", List(vec![s("originAnnotations"), s("managedByLabel"), s("transformerAnnotations")]));
    }
    Map(entries)
}

/// Writes a base, an overlay and sometimes a component below a folder; the overlay is `overlay`.
pub fn lay_out(seed: u64, gentle: bool, root: &Path) {
    let mut r = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, gentle);
    for _ in 0..8 {
        r.next();
    }
    let base = root.join("base");
    std::fs::create_dir_all(&base).unwrap();
    let mut objects: Vec<Object> = Vec::new();
    for _ in 0..2 + r.below(5) {
        let new = object(&mut r);
        if !objects.iter().any(|o| o.kind == new.kind && o.name == new.name) || r.one_in(20) {
            objects.push(new);
        }
    }
    let mut files = Vec::new();
    for (number, chunk) in objects.chunks(2).enumerate() {
        let file = format!("r{number}.yaml");
        let documents: Vec<String> = chunk.iter().map(|o| text(&o.node)).collect();
        std::fs::write(base.join(&file), documents.join("---\n")).unwrap();
        files.push(file);
    }
    let node = kustomization(&mut r, &base, &objects, &files);
    std::fs::write(base.join("kustomization.yaml"), text(&node)).unwrap();
    let overlay = root.join("overlay");
    std::fs::create_dir_all(&overlay).unwrap();
    let node = kustomization(&mut r, &overlay, &objects, &["../base".to_owned()]);
    let mut body = text(&node);
    if r.one_in(4) {
        let component = root.join("component");
        std::fs::create_dir_all(&component).unwrap();
        let Map(mut entries) = kustomization(&mut r, &component, &objects, &[]) else { unreachable!() };
        entries.retain(|(k, _)| k != "resources");
        let head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
        std::fs::write(component.join("kustomization.yaml"), format!("{head}{}", text(&Map(entries)))).unwrap();
        body.push_str("components: [../component]\n");
    }
    std::fs::write(overlay.join("kustomization.yaml"), body).unwrap();
}
