//! Charts render to what `helm template` renders, and findings lie where a person would edit. Without helm the tests say
//! that they were skipped, unless `STAMPLINT_ORACLES=required`.

use std::path::Path;
use std::process::Command;

use stamplint::read::yaml;
use stamplint::source::Sources;

use super::support::Tree;

fn has_helm() -> bool {
    if Command::new("helm").arg("version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("STAMPLINT_ORACLES").is_none(), "helm is not on PATH");
    eprintln!("skipped: helm is not on PATH");
    false
}

/// The documents of a stream, as content hashes in their order: places and the order of keys do not count.
fn documents(text: &str) -> Vec<u128> {
    let source = Sources::new().add("rendered.yaml", text);
    let stream = yaml::parse(&source);
    assert!(stream.problems.is_empty(), "{:?}", stream.problems);
    stream.documents.iter().map(|d| d.root.content_hash()).collect()
}

#[test]
fn charts_render_as_helm_renders_them() {
    if !has_helm() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/helm");
    for arguments in [
        &[][..],
        &["--values", "values-eastus2.yaml"],
        &["--values", "values-eastus2.yaml", "--values", "values-centralus.yaml", "--set", "replicas=7,cache.port=1"],
        &["--set", "env.EXTRA=a\\,b", "--set", "sidecars[0].image=x:1", "--namespace", "n"],
    ] {
        let theirs = Command::new("helm")
            .args(["template", "release-name", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        let ours = assert_cmd::Command::cargo_bin("stamplint")
            .unwrap()
            .args(["render", "charts/web"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        let (ours, theirs) = (String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout));
        assert_eq!(documents(&ours), documents(&theirs), "{arguments:?}:\n{ours}\n---\n{theirs}");
    }
}

#[test]
fn a_chart_that_a_config_names_is_checked() {
    if !has_helm() {
        return;
    }
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "capabilities-not-dropped"]);
    assert_eq!(run.findings().len(), 3, "{}{}", run.out, run.err);
}

#[test]
fn a_chart_without_helm_is_not_analysed() {
    let tree = Tree::copy("helm");
    let run = tree.run(&["--format", "json", "--select", "not-analysed", "--helm=no-such-helm"]);
    assert_eq!(run.findings(), ["not-analysed stamplint.yaml:7 [eastus2,centralus]"], "{}", run.err);
    assert!(run.out.contains("`no-such-helm` cannot be started: it is not there"), "{}", run.out);
}

/// The places of a finding, as `file:line:text role found`.
fn places(run: &super::support::Ran, tree: &Tree, rule: &str) -> Vec<Vec<String>> {
    let report = run.json();
    let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == rule);
    let place = |p: &serde_json::Value| {
        let file = p["file"].as_str().unwrap();
        let text = std::fs::read_to_string(tree.path().join(file)).unwrap();
        let line = p["start"]["line"].as_u64().unwrap() as usize;
        let columns = [&p["start"], &p["end"]].map(|at| at["column"].as_u64().unwrap() as usize - 1);
        let line_text = text.lines().nth(line - 1).unwrap();
        let marked = line_text.get(columns[0]..columns[1]).unwrap();
        format!("{file}:{line} {marked} ({}, {})", p["role"].as_str().unwrap(), p["found"].as_str().unwrap())
    };
    findings.map(|f| f["places"].as_array().unwrap().iter().map(place).collect()).collect()
}

#[test]
fn findings_lie_in_the_values_that_a_person_wrote() {
    if !has_helm() {
        return;
    }
    let tree = Tree::copy("helm");
    let mut config = std::fs::read_to_string(tree.path().join("stamplint.yaml")).unwrap();
    config.push_str("rules:\n  unapproved-registry: {approved: [bakery.azurecr.io]}\n");
    tree.write("stamplint.yaml", config);
    let run = tree.run(&["--format", "json", "--select", "unapproved-registry,runs-as-root,capabilities-not-dropped"]);
    let template = "charts/web/templates/deployment.yaml";
    let image = format!("{template}:23 {{{{ include \"web.image\" . | quote }}}} (substitution, exact)");
    assert_eq!(
        places(&run, &tree, "unapproved-registry"),
        [
            vec![
                "charts/web/charts/cache/values.yaml:1 cache:7.2 (fix, exact)".to_owned(),
                "charts/web/charts/cache/templates/deployment.yaml:12 {{ .Values.image }} (substitution, exact)"
                    .to_owned(),
            ],
            vec![
                "values-eastus2.yaml:2 docker.io/bakery/web (fix, exact)".to_owned(),
                "charts/web/values.yaml:3 \"4.5\" (other, exact)".to_owned(),
                image,
                "charts/web/values.yaml:2 bakery.azurecr.io/web (other, exact)".to_owned(),
            ],
        ],
        "{}",
        run.err
    );
    let capabilities = places(&run, &tree, "capabilities-not-dropped");
    let first: Vec<&str> = capabilities.iter().filter_map(|p| p.first().map(String::as_str)).collect();
    assert!(first.contains(&"charts/web/values.yaml:11 readOnlyRootFilesystem (fix, exact)"), "{first:?}");
    let literal = format!("{template}:41 false (fix, literal)");
    assert!(places(&run, &tree, "runs-as-root").contains(&vec![literal]), "{}", run.out);
}

const CHART: &str = "apiVersion: v2\nname: app\nversion: 0.1.0\n";
const DEFAULTS: &str = "image: docker.io/a/app:1\nreplicas: 1\n";
const TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  replicas: {{ .Values.replicas }}\n  template:\n    spec:\n      containers:\n        - name: app\n          image: {{ .Values.image }}\n";
const APPROVED: &str = "rules:\n  unapproved-registry: {approved: [bakery.azurecr.io]}\n";

fn app(more: &[(&str, &str)]) -> Tree {
    let chart = [
        ("charts/app/Chart.yaml", CHART),
        ("charts/app/values.yaml", DEFAULTS),
        ("charts/app/templates/app.yaml", TEMPLATE),
        ("stamplint.yaml", APPROVED),
    ];
    Tree::new(&chart.iter().chain(more).copied().collect::<Vec<_>>())
}

#[test]
fn what_flux_and_argo_render_is_checked() {
    if !has_helm() {
        return;
    }
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: bakery}\nspec:\n  chart:\n    spec:\n      chart: ./charts/app\n      sourceRef: {kind: GitRepository, name: fleet}\n  valuesFrom:\n    - {kind: ConfigMap, name: shop-values}\n  values:\n    replicas: 3\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop-values, namespace: bakery}\ndata:\n  values.yaml: |\n    replicas: 2\n    image: ghcr.io/a/app:2\n";
    let argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: other, namespace: argocd}\nspec:\n  destination: {namespace: other}\n  source:\n    path: charts/app\n    helm:\n      valuesObject: {image: quay.io/a/app:3}\n      parameters: [{name: image, value: \"mcr.example.com/a:4\"}]\n";
    let tree = app(&[("flux.yaml", flux), ("argo.yaml", argo)]);
    let run = tree.run(&["--format", "json", "--select", "unapproved-registry", "--helm"]);
    assert_eq!(
        run.findings(),
        ["unapproved-registry argo.yaml:10 [default]", "unapproved-registry flux.yaml:20 [default]"],
        "{}{}",
        run.out,
        run.err
    );
    assert!(run.out.contains("Deployment/bakery/shop") && run.out.contains("Deployment/other/other"), "{}", run.out);
    // Without being asked for helm is not run, and the chart is counted.
    let idle = tree.run(&["--select", "unapproved-registry"]);
    assert!(idle.err.contains("1 chart") && idle.err.contains("--helm"), "{}", idle.err);
}

#[test]
fn variables_of_flux_are_replaced() {
    let overlay = "resources: [app.yaml]\n";
    let app = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\nspec:\n  containers:\n    - name: a\n      image: ${registry}/a:1.0\n    - name: b\n      image: ${other}/b:1.0\n";
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  postBuild:\n    substitute:\n      registry: docker.io/x\n    substituteFrom:\n      - {kind: ConfigMap, name: vars}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {other: bakery.azurecr.io}\n";
    let tree = Tree::new(&[
        ("apps/kustomization.yaml", overlay),
        ("apps/app.yaml", app),
        ("flux.yaml", flux),
        ("stamplint.yaml", APPROVED),
    ]);
    let run = tree.run(&["--format", "json", "--select", "unapproved-registry,not-analysed"]);
    assert_eq!(run.findings(), ["unapproved-registry apps/app.yaml:7 [default]"], "{}{}", run.out, run.err);
    assert!(run.out.contains("`registry` put in here"), "{}", run.out);
}

#[test]
fn render_says_where_values_come_from() {
    if !has_helm() {
        return;
    }
    let tree = app(&[("over.yaml", "replicas: 4\n")]);
    let run = tree.run(&["render", "charts/app", "--values", "over.yaml", "--set", "image=x:2", "--origins"]);
    for line in [
        "# Source: app/templates/app.yaml",
        "# spec.replicas: over.yaml:1:11",
        "# kind: charts/app/templates/app.yaml:2:7 (text of the template)",
        "# spec.template.spec.containers[0].image: charts/app/templates/app.yaml:10:18 (inferred)",
        "  replicas: 4",
    ] {
        assert!(run.out.lines().any(|l| l == line), "{line}\n{}{}", run.out, run.err);
    }
}

#[test]
fn charts_that_do_not_render_are_findings_in_the_template() {
    if !has_helm() {
        return;
    }
    let config = "eachStamp:\n  helm:\n    - chart: charts/app\nstamps: [{name: a}]\nhelm: {timeout: 20}\n";
    let run = |files: &[(&str, &str)]| {
        let tree = app(files);
        tree.write("stamplint.yaml", config);
        let run = tree.run(&["--format", "json", "--select", "not-analysed,render-error"]);
        let message = run.json()["findings"][0]["message"].as_str().unwrap_or_default().to_owned();
        (run.findings().concat(), message)
    };
    let broken = TEMPLATE.replace("{{ .Values.replicas }}", "{{ required \"say how many\" .Values.many }}");
    let (place, message) = run(&[("charts/app/templates/app.yaml", &broken)]);
    assert_eq!(place, "render-error charts/app/templates/app.yaml:5 [a]");
    assert!(message.contains("say how many"), "{message}");

    let unparsed = TEMPLATE.replace("{{ .Values.replicas }}", "{{ nope }}");
    let (place, message) = run(&[("charts/app/templates/app.yaml", &unparsed)]);
    assert_eq!(place, "render-error charts/app/templates/app.yaml:5 [a]");
    assert!(message.contains("function \"nope\" not defined"), "{message}");

    let yaml = TEMPLATE.replace("  replicas: {{ .Values.replicas }}", "  a: b: {{ .Values.replicas }}");
    let (place, _) = run(&[("charts/app/templates/app.yaml", &yaml)]);
    assert!(place.starts_with("render-error charts/app/templates/app.yaml:"), "{place}");

    let needs = format!(
        "{CHART}dependencies:\n  - name: redis\n    version: 1.x.x\n    repository: https://charts.example.com\n"
    );
    let (place, message) = run(&[("charts/app/Chart.yaml", &needs)]);
    assert_eq!(place, "not-analysed charts/app/Chart.yaml:5 [a]");
    assert!(message.contains("`redis`"), "{message}");

    let (place, _) = run(&[("charts/app/values.yaml", "a: [1\n")]);
    assert!(place.contains("charts/app/values.yaml:1"), "{place}");
}

#[test]
#[cfg(unix)]
fn a_helm_that_hangs_is_stopped_and_one_that_is_in_the_tree_is_not_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let tree = app(&[("helm.sh", "#!/bin/sh\nsleep 60\n")]);
    let helm = tree.path().join("helm.sh");
    std::fs::set_permissions(&helm, std::fs::Permissions::from_mode(0o755)).unwrap();
    tree.write("stamplint.yaml", "eachStamp: {helm: [{chart: charts/app}]}\nstamps: [{name: a}]\nhelm: {timeout: 1}\n");
    let begun = std::time::Instant::now();
    let run = tree.run(&["--format", "json", "--select", "not-analysed", &format!("--helm={}", helm.display())]);
    assert!(begun.elapsed().as_secs() < 20);
    assert_eq!(run.findings(), ["not-analysed stamplint.yaml:1 [a]"], "{}", run.err);
    assert!(run.out.contains("did not finish within 1 s"), "{}", run.out);
    tree.write(
        "stamplint.yaml",
        "eachStamp: {helm: [{chart: charts/app}]}\nstamps: [{name: a}]\nhelm: {program: ./helm.sh, timeout: 1}\n",
    );
    let run = tree.run(&["--format", "json", "--select", "not-analysed"]);
    assert!(!run.out.contains("did not finish within"), "{}", run.out);
}

#[test]
#[cfg(unix)]
fn a_chart_reads_nothing_outside_the_tree() {
    if !has_helm() {
        return;
    }
    let outer = tempfile::tempdir().unwrap();
    std::fs::write(outer.path().join("secret"), "outside").unwrap();
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: {{ .Files.Get \"linked\" | quote }}\n  b: {{ .Files.Get \"../secret\" | quote }}\n";
    let tree = app(&[("charts/app/templates/app.yaml", template)]);
    std::os::unix::fs::symlink(outer.path().join("secret"), tree.path().join("charts/app/linked")).unwrap();
    let run = tree.run(&["render", "charts/app"]);
    assert!(run.out.contains("kind: ConfigMap") && !run.out.contains("outside"), "{}{}", run.out, run.err);
}

#[test]
fn charts_without_a_config_are_rendered_when_asked() {
    if !has_helm() {
        return;
    }
    let library = "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n";
    let tree = app(&[("lib/Chart.yaml", library), ("charts/app/values-eastus2.yaml", "image: ghcr.io/a:1\n")]);
    tree.write("charts/app/values-westus.yaml", "image: quay.io/a:1\n");
    tree.write("other/Chart.yaml", CHART);
    tree.write("other/values.yaml", DEFAULTS);
    tree.write("other/templates/app.yaml", TEMPLATE);
    let run = tree.run(&["--format", "json", "--select", "unapproved-registry,not-analysed,render-error", "--helm"]);
    assert_eq!(
        run.findings(),
        [
            "unapproved-registry charts/app/values-eastus2.yaml:1 [eastus2]",
            "unapproved-registry charts/app/values-westus.yaml:1 [westus]",
            "unapproved-registry other/values.yaml:1 [eastus2,westus]",
        ],
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn values_of_secrets_are_not_shown() {
    if !has_helm() {
        return;
    }
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  token: {{ .Values.token | b64enc }}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      image: docker.io/{{ .Values.token }}:1\n";
    let tree = app(&[("charts/app/templates/app.yaml", secret)]);
    tree.write("charts/app/values.yaml", "token: hunter2secret\n");
    let run = tree.run(&["--select", "unapproved-registry", "--helm", "--format", "json"]);
    assert!(run.out.contains("unapproved-registry"), "{}{}", run.out, run.err);
    let shown = tree.run(&["--select", "unapproved-registry", "--helm"]);
    assert!(!shown.out.contains("hunter2secret"), "{}", shown.out);
}
