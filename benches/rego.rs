//! What a rule in Rego costs for each resource: one that is new, one that is as others were, and the engine alone.
#![allow(clippy::expect_used, reason = "a benchmark")]

mod fleet;

use divan::Bencher;
use fleet::Shape;
use regorus::Value;
use stamplint::app::session::{Request, Session};
use stamplint::rule::rego::{Limits, Policies, Script, rule_path};
use stamplint::rule::{Selection, builtin};

fn main() {
    divan::main();
}

const POD: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
"spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {
  "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
  "containers": [{"name": "a", "image": "a:1", "securityContext": {"allowPrivilegeEscalation": false,
    "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}}]}}}}"#;

/// The engine on one input, rule by rule.
#[divan::bench(args = ["privileged-container", "runs-as-root", "seccomp-not-set", "volume-type-not-allowed"])]
fn evaluate(bencher: Bencher, id: &str) {
    let text = |id: &str| builtin::POLICIES.iter().find(|p| p.id == id).map(|p| p.text).expect("a policy");
    let scripts = [id, "pods"].map(|id| (Script::text(id, text(id)), None));
    let (policies, problems) = Policies::compile(&scripts, Limits::default());
    assert!(problems.is_empty());
    let options = Value::from_json_str(r#"{"options": {"profile": "restricted"}}"#).expect("options");
    let prepared = policies.prepare(&[options]).expect("an engine");
    let input = Value::from_json_str(POD).expect("a pod");
    let rule = rule_path(&["rules", id], "deny");
    bencher.bench(|| prepared.evaluate(&rule, &input).expect("a result"));
}

/// One policy with its libraries, from text to an engine.
#[divan::bench(args = ["privileged-container", "service-account-token-mounted"])]
fn compile(bencher: Bencher, id: &str) {
    let text = |id: &str| builtin::POLICIES.iter().find(|p| p.id == id).map(|p| p.text).expect("a policy");
    let scripts = [id, "pods"].map(|id| (Script::text(id, text(id)), None));
    bencher.bench(|| Policies::compile(&scripts, Limits::default()).0.prepare(&[]).is_ok());
}

/// The whole family on the workloads of one stamp: the first time, and again.
#[divan::bench(args = ["first", "again"], sample_count = 10, sample_size = 1)]
fn family(bencher: Bencher, time: &str) {
    const WORKLOADS: usize = 200;
    let folder = tempfile::tempdir().expect("a temporary folder");
    fleet::write(folder.path(), &fleet::files(Shape::Own, 1, WORKLOADS)).expect("its files");
    let selection = Selection { select: vec!["pod-security".to_owned()], ..Selection::default() };
    let request = Request { working: folder.path().to_path_buf(), selection, ..Request::default() };
    let check = |session: &Session| session.check(&request).expect("a check").triaged.findings.len();
    let bencher = bencher.counter(divan::counter::ItemsCount::new(WORKLOADS));
    if time == "first" {
        bencher.with_inputs(|| Session::new().expect("rules")).bench_values(|session| check(&session));
    } else {
        let session = Session::new().expect("rules");
        check(&session);
        bencher.bench_local(|| check(&session));
    }
}
