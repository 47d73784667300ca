//! How fast YAML and JSON are read: typed trees with spans, beside the bare events of another reader. With
//! `STAMPLINT_CORPUS=DIR` all YAML files below a folder are read too.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a benchmark")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use divan::counter::BytesCount;
use stamplint::read::{Neighbours, file, json, yaml};
use stamplint::source::{Source, Sources};

fn main() {
    divan::main();
}

/// A manifest in the style that people and tools write most.
const DEPLOYMENT: &str = "---
# Source: app/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: a0042
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/version: \"1.4.2\"
  annotations:
    checksum/config: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
spec:
  replicas: 3
  selector:
    matchLabels: {app.kubernetes.io/name: web}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
    spec:
      containers:
      - name: web
        image: contoso.azurecr.io/web:1.4.2 # pinned
        args: [\"--port=8080\", '--log-level=info']
        ports:
        - containerPort: 8080
          name: http
        resources:
          limits: {cpu: 500m, memory: 256Mi}
          requests:
            cpu: 100m
            memory: 128Mi
        readinessProbe:
          httpGet: {path: /healthz, port: http}
          initialDelaySeconds: 5
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  app.toml: |
    [server]
    port = 8080

    [log]
    level = \"info\"
  motd: >-
    folded text that goes
    over two lines
";

fn megabyte(part: &str) -> Arc<Source> {
    Sources::new().add("a.yaml", part.repeat(1_000_000 / part.len()))
}

#[divan::bench]
fn yaml_tree(bencher: Bencher<'_, '_>) {
    let source = megabyte(DEPLOYMENT);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| yaml::parse(&source));
}

/// Another reader's events, without a tree: what reading costs at the least where every token is made.
#[divan::bench]
fn yaml_events_of_granit(bencher: Bencher<'_, '_>) {
    let source = megabyte(DEPLOYMENT);
    bencher
        .counter(BytesCount::of_str(source.text()))
        .bench(|| granit_parser::Parser::new_from_str(source.text()).filter(Result::is_ok).count());
}

#[divan::bench]
fn json_tree(bencher: Bencher<'_, '_>) {
    let stream = yaml::parse(&Sources::new().add("a.yaml", DEPLOYMENT));
    let text: String = stream.documents.iter().map(|d| format!("{:#}\n", d.root.json())).collect();
    let source = megabyte(&text);
    bencher.counter(BytesCount::of_str(source.text())).bench(|| json::parse(&source, json::Options::MANIFEST));
}

/// All files of a corpus, told apart and read.
#[divan::bench(sample_count = 5)]
fn corpus(bencher: Bencher<'_, '_>) {
    let sources = corpus_sources();
    let bytes: usize = sources.iter().map(|s| s.text().len()).sum();
    let neighbours = Neighbours::of(sources.iter().map(|s| &**s.path()));
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let read = |source: &Arc<Source>| file(source, &neighbours).stream.map_or(0, |s| s.documents.len());
        sources.iter().map(read).sum::<usize>()
    });
}

fn corpus_sources() -> &'static [Arc<Source>] {
    static SOURCES: OnceLock<Vec<Arc<Source>>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let mut found = Vec::new();
        if let Ok(dir) = std::env::var("STAMPLINT_CORPUS") {
            collect(&Sources::new(), Path::new(&dir), &mut found);
        }
        found
    })
}

fn collect(sources: &Sources, dir: &Path, found: &mut Vec<Arc<Source>>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(sources, &path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
            && let Ok((text, _)) = stamplint::read::decode(&std::fs::read(&path).unwrap())
        {
            found.push(sources.add(path.to_string_lossy().as_ref(), text));
        }
    }
}
