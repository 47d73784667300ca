//! Small trees of files, and what is inferred from them.

use super::{Command, Facts, FileFacts, infer};
use crate::model::plan::{Plan, PlannedPart};
use crate::tree::Text;

fn texts(words: &str) -> Vec<Text> {
    words.split_whitespace().map(Text::from).collect()
}

fn template(path: &str, parameters: &str) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        facts: Facts::Template { parameters: texts(parameters), calls: Vec::new(), compiled: false, deploys: true },
    }
}

fn calling(path: &str, calls: &[&str]) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        facts: Facts::Template {
            parameters: Vec::new(),
            calls: calls.iter().map(|c| (*c).to_owned()).collect(),
            compiled: false,
            deploys: true,
        },
    }
}

fn parameters(path: &str, names: &str, strings: &str) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        facts: Facts::Parameters { names: texts(names), template: None, extends: None, strings: texts(strings) },
    }
}

fn using(path: &str, template: &str, extends: Option<&str>) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        facts: Facts::Parameters {
            names: Vec::new(),
            template: (!template.is_empty()).then(|| (template.to_owned(), "its `using`")),
            extends: extends.map(str::to_owned),
            strings: Vec::new(),
        },
    }
}

fn manifest(path: &str, addresses: &str) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        facts: Facts::Manifest {
            addresses: addresses.split_whitespace().map(|a| a.parse().unwrap()).collect(),
            fragment: false,
        },
    }
}

fn overlay(dir: &str, takes: &[&str]) -> FileFacts {
    FileFacts {
        path: format!("{dir}/kustomization.yaml"),
        facts: Facts::Kustomization { takes: takes.iter().map(|t| (*t).to_owned()).collect(), component: false },
    }
}

fn file(path: &str, facts: Facts) -> FileFacts {
    FileFacts { path: path.to_owned(), facts }
}

fn part(part: &PlannedPart) -> String {
    let mut words: Vec<String> = part
        .deployments
        .iter()
        .map(|d| {
            let files: Vec<&str> = d.parameters.iter().map(|t| t.path.as_str()).collect();
            let set: Vec<&str> = d.set.iter().map(|e| e.key.as_str()).collect();
            let set = if set.is_empty() { String::new() } else { format!("+{}", set.join("+")) };
            format!("{}={}({}){set}", d.id, d.template.path, files.join(","))
        })
        .collect();
    words.extend(part.overlays.iter().map(|t| format!("{}/", t.path)));
    words.extend(part.manifests.iter().map(|t| t.path.clone()));
    words.extend(part.charts.iter().map(|c| {
        let values: Vec<&str> = c.values.iter().map(|t| t.path.as_str()).collect();
        format!("chart {}({})", c.id, values.join(","))
    }));
    words.join(" ")
}

fn shown(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.stamps.iter().map(|s| format!("{}: {}", s.name, part(&s.own))).collect();
    if !plan.shared.is_empty() {
        lines.push(format!("shared: {}", part(&plan.shared)));
    }
    lines.extend(plan.unread.iter().map(|(path, _)| format!("unread: {path}")));
    lines
}

fn inferred(mut files: Vec<FileFacts>) -> Vec<String> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    shown(&infer(&files))
}

#[test]
fn a_multi_region_baseline() {
    let files = vec![
        template("cluster-stamp.bicep", "location addressSpace repoFolder"),
        template("networking/hub.v1.bicep", "location"),
        template("networking/hub.v1.1.bicep", "location flowLogs"),
        template("shared-svcs.bicep", "frontDoorSku"),
        calling("modules/user.bicep", &["modules/peer.bicep"]),
        template("modules/peer.bicep", "x"),
        parameters("azuredeploy.parameters.eastus2.json", "location repoFolder", "eastus2 region1 10.240.0.0/16"),
        parameters("azuredeploy.parameters.centralus.json", "location repoFolder", "centralus region2 10.241.0.0/16"),
        parameters("networking/hub.parameters.eastus2.json", "location", "eastus2"),
        parameters("networking/hub.parameters.centralus.json", "location", "centralus"),
        overlay("manifests/region1", &["manifests/base"]),
        overlay("manifests/region2", &["manifests/base"]),
        overlay("manifests/base", &["manifests/base/ns.yaml"]),
        manifest("manifests/base/ns.yaml", ""),
        manifest("workload/app.yaml", ""),
        manifest("workload/traefik-region1.yaml", "10.240.4.4"),
        manifest("workload/traefik-region2.yaml", "10.241.4.4"),
    ];
    assert_eq!(
        inferred(files),
        [
            "centralus: cluster-stamp=cluster-stamp.bicep(azuredeploy.parameters.centralus.json) \
             hub.v1.1=networking/hub.v1.1.bicep(networking/hub.parameters.centralus.json) \
             manifests/region2/ workload/app.yaml workload/traefik-region2.yaml",
            "eastus2: cluster-stamp=cluster-stamp.bicep(azuredeploy.parameters.eastus2.json) \
             hub.v1.1=networking/hub.v1.1.bicep(networking/hub.parameters.eastus2.json) \
             manifests/region1/ workload/app.yaml workload/traefik-region1.yaml",
            "shared: user=modules/user.bicep() hub.v1=networking/hub.v1.bicep() shared-svcs=shared-svcs.bicep()",
        ]
    );
}

#[test]
fn one_stamp_where_nothing_tells_more() {
    let cases: Vec<(Vec<FileFacts>, &[&str])> = vec![
        (vec![manifest("a.yaml", ""), manifest("b/eastus2.yaml", "")], &["default: a.yaml b/eastus2.yaml"]),
        (
            vec![template("main.bicep", "a"), parameters("main.parameters.json", "a", "")],
            &["default: main=main.bicep(main.parameters.json)"],
        ),
        (vec![template("main.bicep", "a")], &["default: ", "shared: main=main.bicep()"]),
        (
            vec![template("main.bicep", "a"), parameters("x.parameters.json", "z", "")],
            &["default: ", "shared: main=main.bicep()", "unread: x.parameters.json"],
        ),
        (vec![manifest("d1.yaml", ""), manifest("d2.yaml", "")], &["default: d1.yaml d2.yaml"]),
        (
            vec![
                overlay("o", &["o/a.yaml", "base"]),
                overlay("base", &["base/b.yaml"]),
                manifest("o/a.yaml", ""),
                manifest("base/b.yaml", ""),
                manifest("base/forgotten.yaml", ""),
            ],
            &["default: o/ base/forgotten.yaml"],
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(inferred(files), expected);
    }
}

#[test]
fn words_of_the_only_parameter_file_are_known_of_the_stamp() {
    let plan = infer(&[template("main.bicep", "a"), parameters("main.parameters.dev.json", "a", "")]);
    assert_eq!(plan.stamps[0].environment.as_deref(), Some("dev"));
    assert_eq!(plan.stamps[0].name, "default");
}

#[test]
fn environments_and_regions() {
    let files = vec![
        using("params/prod.eastus2.bicepparam", "main.bicep", Some("params/base.bicepparam")),
        using("params/prod.westeurope.bicepparam", "main.bicep", Some("params/base.bicepparam")),
        using("params/dev.westeurope.bicepparam", "main.bicep", None),
        using("params/base.bicepparam", "", None),
        template("main.bicep", "a"),
        template("dns.bicep", "zone"),
        parameters("dns.parameters.json", "zone", ""),
        overlay("k8s/overlays/dev", &["k8s/base"]),
        overlay("k8s/overlays/prod", &["k8s/base"]),
        overlay("k8s/base", &[]),
        file("charts/app/Chart.yaml", Facts::Chart { library: false, parts: Vec::new() }),
        file("charts/app/values.yaml", Facts::Values),
        file("charts/app/values-prod.yaml", Facts::Values),
        manifest("charts/app/crds/a.yaml", ""),
        manifest("extra-westeurope.yaml", ""),
    ];
    assert_eq!(
        inferred(files),
        [
            "dev-westeurope: main=main.bicep(params/dev.westeurope.bicepparam) k8s/overlays/dev/ extra-westeurope.yaml",
            "prod-eastus2: main=main.bicep(params/prod.eastus2.bicepparam) k8s/overlays/prod/ chart app(charts/app/values-prod.yaml)",
            "prod-westeurope: main=main.bicep(params/prod.westeurope.bicepparam) k8s/overlays/prod/ \
             extra-westeurope.yaml chart app(charts/app/values-prod.yaml)",
            "shared: dns=dns.bicep(dns.parameters.json)",
        ]
    );
}

#[test]
fn a_series_of_numbers_that_joins_nothing_is_shared_and_said() {
    let mut files = vec![
        template("main.bicep", "a"),
        parameters("main.eastus2.json", "a", ""),
        parameters("main.westus.json", "a", ""),
        manifest("app1.yaml", ""),
        manifest("app2.yaml", ""),
    ];
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let plan = infer(&files);
    assert_eq!(shown(&plan).last().map(String::as_str), Some("shared: app1.yaml app2.yaml"));
    assert!(plan.inferred.iter().any(|s| s.contains("`app1.yaml`, `app2.yaml`")), "{:?}", plan.inferred);
}

#[test]
fn commands_pair_lay_and_give() {
    let command = Command {
        template: "infra/main.bicep".to_owned(),
        parameters: vec!["infra/common.json".to_owned(), "infra/*.json".to_owned()],
        given: vec![("key".into(), None), ("size".into(), Some("3".into()))],
        folders: vec![String::new()],
        whole: true,
    };
    let alone = Command {
        template: "dns.bicep".to_owned(),
        given: vec![("zone".into(), Some("x".into()))],
        folders: vec![String::new()],
        whole: true,
        ..Command::default()
    };
    let mut files = vec![
        file(".github/workflows/w.yml", Facts::Commands(vec![command, alone])),
        template("infra/main.bicep", "a"),
        template("infra/other.bicep", "a"),
        template("dns.bicep", "zone"),
        parameters("infra/common.json", "a", ""),
        parameters("infra/eastus2.json", "a", ""),
        parameters("infra/westus.json", "a", ""),
    ];
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let shown = inferred(files.clone());
    assert_eq!(
        shown,
        [
            "eastus2: main=infra/main.bicep(infra/common.json,infra/eastus2.json)+key+size",
            "westus: main=infra/main.bicep(infra/common.json,infra/westus.json)+key+size",
            "shared: dns=dns.bicep()+zone other=infra/other.bicep()",
        ]
    );
    let plan = infer(&files);
    assert!(plan.stamps[0].own.deployments[0].complete);
    assert!(!plan.shared.deployments[1].complete);
}

#[test]
fn what_bicep_was_compiled_to_is_left_alone() {
    let compiled =
        file("main.json", Facts::Template { parameters: texts("a"), calls: Vec::new(), compiled: true, deploys: true });
    let files = vec![compiled, template("main.bicep", "a"), parameters("main.parameters.json", "a", "")];
    assert_eq!(inferred(files), ["default: main=main.bicep(main.parameters.json)"]);
}

#[test]
fn a_circle_of_files_is_looked_at() {
    // Each calls the other, or itself: one of them has to be read, or nobody hears of it.
    assert!(inferred(vec![calling("main.bicep", &["main.bicep"])]).iter().any(|l| l.contains("main.bicep")));
    let two = inferred(vec![calling("a.bicep", &["b.bicep"]), calling("b.bicep", &["a.bicep"])]);
    assert!(two.iter().any(|l| l.contains("a.bicep")), "{two:?}");
    assert!(!two.iter().any(|l| l.contains("b.bicep")), "{two:?}");
    let files = vec![
        template("main.bicep", "x"),
        using("a.bicepparam", "main.bicep", Some("b.bicepparam")),
        using("b.bicepparam", "main.bicep", Some("a.bicepparam")),
    ];
    let circle = inferred(files);
    assert!(circle.iter().any(|l| l.contains("a.bicepparam")), "{circle:?}");
}
