//! Policies, compiled, and their evaluation.

use std::collections::{HashMap, HashSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regorus::unstable::{Module, Ref};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, PolicyLengthConfig, Value};

use super::check::{Reads, check, package_of};
use super::failure::Failure;
use super::once::Once;
use super::rewrite::rewrite;
use super::syntax::rule_name;
use super::{Script, Version, builtins, version_of};
use super::{imports, metadata, negation, templates};
use crate::source::{Code, Problem, Span};

/// What evaluations may take, and what is fixed for the run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest that one evaluation of one rule may take.
    pub time: Duration,
    /// The run's moment in nanoseconds since 1970. Without it `time.now_ns` is refused.
    pub now: Option<i64>,
    /// Whether `print` and coverage are gathered.
    pub observe: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), now: None, observe: false }
    }
}

/// The stack that a thread needs to evaluate any policy that is not refused for its chains of rules.
pub const STACK: usize = 8 << 20;

/// Policies that belong together: they see one another's packages.
#[derive(Debug)]
pub struct Policies {
    scripts: Vec<Script>,
    engine: Engine,
    packages: Vec<Package>,
    reads: Reads,
    once: Option<Once>,
    slow: Arc<Slow>,
    limits: Limits,
}

/// Rules that took too long once: they are not asked again, or one policy could hold up a run for each resource.
type Slow = Mutex<HashMap<String, Problem>>;

/// A package with the names of its rules, functions aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Package {
    /// Its path, without `data`.
    pub path: Vec<String>,
    /// The names of its rules, each once, in the order of the file.
    pub rules: Vec<String>,
    /// Where each of them begins.
    pub places: Vec<Span>,
    /// The script that declares it.
    pub script: usize,
}

impl Package {
    /// Whether it is the package of a rule of our own dialect.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.path.iter().map(String::as_str).eq(["rules", id])
    }
}

impl Policies {
    /// Compiles scripts. What cannot be compiled is left out and reported; what remains may be empty.
    /// A version of `None` is chosen for each script.
    #[must_use]
    pub fn compile(scripts: &[(Script, Option<Version>)], limits: Limits) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut policies = Self {
            scripts: Vec::new(),
            engine: fresh(limits, &mut problems),
            packages: Vec::new(),
            reads: Reads::default(),
            once: None,
            slow: Arc::default(),
            limits,
        };
        for (script, version) in scripts {
            let script = metadata::written_out(&templates::written_out(script));
            let version = version.unwrap_or_else(|| version_of(&script.text));
            if let Err(problem) = policies.add(&script, version) {
                problems.push(problem);
            }
        }
        policies.clarify(limits, &mut problems);
        let modules = policies.modules();
        let (found, reads, steady) = check(&policies.scripts, &modules);
        problems.extend(found);
        policies.reads = reads;
        // Who counts lines or tests rules wants to see each of them at work.
        if problems.is_empty() && !limits.observe && !steady.is_empty() {
            policies.once = Once::new(&policies.scripts, &modules, &steady, fresh(limits, &mut problems));
        }
        policies.packages =
            policies.scripts.iter().zip(&modules).enumerate().map(|(i, (s, m))| package(i, s, m)).collect();
        (policies, problems)
    }

    fn add(&mut self, script: &Script, version: Version) -> Result<(), Problem> {
        let script = rewrite(script, version);
        self.engine.set_rego_v0(version == Version::V0);
        let added = fenced(|| self.engine.add_policy(script.name.to_string(), script.text.to_string()));
        match added {
            Ok(_) => {
                self.scripts.push(script);
                Ok(())
            }
            Err(failure) => {
                let at = script.start();
                Err(failure.problem(&[script], at))
            }
        }
    }

    /// Adds all scripts once more, with the arguments of negated calls taken out and imports written out.
    fn clarify(&mut self, limits: Limits, problems: &mut Vec<Problem>) {
        let modules = self.modules();
        let mut edited = Vec::new();
        let mut changed = false;
        for (script, module) in self.scripts.iter().zip(&modules) {
            let package = package_of(module);
            let rules: HashSet<&str> =
                modules.iter().filter(|m| package_of(m) == package).flat_map(|m| negation::globals(m)).collect();
            let mut edits = negation::edits(script, module, &rules);
            edits.extend(imports::edits(module));
            changed |= !edits.is_empty();
            edited.push((if edits.is_empty() { script.clone() } else { script.edited(edits) }, module.rego_v1));
        }
        if !changed {
            return;
        }
        let mut engine = fresh(limits, problems);
        for ((script, v1), original) in edited.iter_mut().zip(&self.scripts) {
            let mut add = |script: &Script| {
                engine.set_rego_v0(!*v1);
                fenced(|| engine.add_policy(script.name.to_string(), script.text.to_string()))
            };
            // Should an edit have gone wrong, the script as it was still means nearly the same.
            if add(script).is_err() {
                script.clone_from(original);
                if let Err(failure) = add(script) {
                    problems.push(failure.problem(std::slice::from_ref(script), Span::NONE));
                }
            }
        }
        self.engine = engine;
        self.scripts = edited.into_iter().map(|(script, _)| script).collect();
    }

    fn modules(&mut self) -> Vec<Ref<Module>> {
        self.engine.get_modules().clone()
    }

    /// The packages, in the order of the scripts.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// What they look at beside their input.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The scripts, as the engine reads them.
    #[must_use]
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// Where rules begin, by their path.
    fn places(&self) -> HashMap<String, Span> {
        let each = |p: &Package| {
            let path = p.path.clone();
            p.rules.iter().zip(p.places.clone()).map(move |(r, at)| (rule_path(&path, r), at)).collect::<Vec<_>>()
        };
        // Of a rule in several files, where the first one has it.
        self.packages.iter().rev().flat_map(each).collect()
    }

    /// An engine with documents below `data`, ready to evaluate.
    ///
    /// # Errors
    /// When the documents stand where packages stand, or the policies cannot be put together.
    pub fn prepare(&self, data: &[Value]) -> Result<Prepared, Problem> {
        let mut scripts: Arc<[Script]> = self.scripts.clone().into();
        let start = scripts.first().map_or(Span::NONE, Script::start);
        let mut engine = self.engine.clone();
        if let Err(failure) = fenced(|| ready(&mut engine, data)) {
            return Err(failure.problem(&scripts, start));
        }
        // Should that go wrong, the policies as they are say so for each input.
        if let Some(once) = &self.once
            && let Ok(with_values) = fenced(|| once.engine(&mut engine, data))
        {
            engine = with_values;
            scripts = once.scripts().into();
        }
        Ok(Prepared {
            engine,
            idle: Mutex::default(),
            spent: Mutex::default(),
            limits: self.limits,
            scripts,
            places: self.places(),
            slow: Arc::clone(&self.slow),
        })
    }
}

/// Gives an engine its documents. The first evaluation of anything makes it ready; a clone of it is ready too.
pub(super) fn ready(engine: &mut Engine, data: &[Value]) -> anyhow::Result<()> {
    for document in data {
        engine.add_data(document.clone())?;
    }
    engine.set_input(Value::new_object());
    engine.eval_query("true".to_owned(), false).map(|_| ())
}

fn package(index: usize, script: &Script, module: &Module) -> Package {
    let mut rules: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for rule in negation::values(module) {
        let name = rule_name(rule);
        if !rules.iter().any(|r| r == name) {
            rules.push(name.to_owned());
            let start = rule.span().start as usize;
            places.push(script.span(start, start + name.len()));
        }
    }
    let path = package_of(module).iter().skip(1).map(|s| (*s).to_owned()).collect();
    Package { path, rules, places, script: index }
}

fn fresh(limits: Limits, problems: &mut Vec<Problem>) -> Engine {
    const COLUMNS: NonZeroU32 = NonZeroU32::new(1 << 20).unwrap();
    const BYTES: NonZeroUsize = NonZeroUsize::new(8 << 20).unwrap();
    const LINES: NonZeroUsize = NonZeroUsize::new(200_000).unwrap();
    const EVERY: NonZeroU32 = NonZeroU32::new(256).unwrap();
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(false);
    engine.set_gather_prints(true);
    engine.set_enable_coverage(limits.observe);
    engine.set_policy_length_config(PolicyLengthConfig { max_col: COLUMNS, max_file_bytes: BYTES, max_lines: LINES });
    engine.set_execution_timer_config(ExecutionTimerConfig { limit: limits.time, check_interval: EVERY });
    if let Err(error) = builtins::supply(&mut engine, limits.now) {
        problems.push(Problem::new(Code::Policy, Span::NONE, error.to_string()));
    }
    engine
}

/// Runs the engine behind a fence: its errors are text, and a panic is one more.
fn fenced<T>(run: impl FnOnce() -> anyhow::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failure::read(&format!("{error}"))),
        Err(_) => Err(Failure { place: None, message: "the engine failed on this policy".to_owned() }),
    }
}

/// Policies with their documents, for any number of threads.
#[derive(Debug)]
pub struct Prepared {
    engine: Engine,
    idle: Mutex<Vec<Engine>>,
    /// Engines that failed: they know which lines were evaluated.
    spent: Mutex<Vec<Engine>>,
    limits: Limits,
    scripts: Arc<[Script]>,
    places: HashMap<String, Span>,
    slow: Arc<Slow>,
}

/// What an evaluation gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The value of the rule; `Undefined` where it has none.
    pub value: Value,
    /// What it printed: `file:line: text`.
    pub prints: Vec<String>,
}

impl Prepared {
    /// Evaluates a rule on an input. `rule` is its path as Rego writes it: `data.a["b"].deny`.
    ///
    /// # Errors
    /// When the evaluation fails or takes too long: a problem at the policy's place. A rule that took too long has the
    /// same problem from then on, without being asked.
    pub fn evaluate(&self, rule: &str, input: &Value) -> Result<Outcome, Problem> {
        // What was too slow a moment ago may have been so for the machine's sake; the run still must end.
        if let Some(known) = self.slow.lock().ok().and_then(|slow| slow.get(rule).cloned()) {
            return Err(known);
        }
        let mut engine = self.take();
        engine.set_input(input.clone());
        let value = fenced(|| engine.eval_rule(rule.to_owned()));
        self.finish(engine, value, rule)
    }

    /// Evaluates a query on an input: its value, `Undefined` where it has none.
    ///
    /// # Errors
    /// As [`Prepared::evaluate`].
    pub fn query(&self, query: &str, input: &Value) -> Result<Outcome, Problem> {
        let mut engine = self.take();
        engine.set_input(input.clone());
        let value = fenced(|| engine.eval_query(query.to_owned(), false));
        let value = value.map(|results| {
            let first = results.result.into_iter().next();
            first.and_then(|r| r.expressions.into_iter().next()).map_or(Value::Undefined, |e| e.value)
        });
        self.finish(engine, value, "")
    }

    fn take(&self) -> Engine {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        idle.unwrap_or_else(|| self.engine.clone())
    }

    fn finish(&self, mut engine: Engine, value: Result<Value, Failure>, rule: &str) -> Result<Outcome, Problem> {
        match value {
            Ok(value) => {
                let prints = engine.take_prints().unwrap_or_default();
                if let Ok(mut idle) = self.idle.lock() {
                    idle.push(engine);
                }
                Ok(Outcome { value, prints })
            }
            // An engine that failed may hold half of an evaluation; the next one gets a fresh clone.
            Err(failure) => {
                if self.limits.observe
                    && let Ok(mut spent) = self.spent.lock()
                {
                    spent.push(engine);
                }
                let start = self.scripts.first().map_or(Span::NONE, Script::start);
                let at = self.places.get(rule).copied().unwrap_or(start);
                if !failure.is_slow() {
                    return Err(failure.problem(&self.scripts, at));
                }
                let seconds = self.limits.time.as_secs_f64();
                let message = format!("one evaluation takes longer than {seconds} s: the rule is left out of this run");
                let problem = Problem::new(Code::Policy, at, message)
                    .help("give the policy less to go through, or its folder a longer `timeout` in the config");
                if let Ok(mut slow) = self.slow.lock() {
                    slow.insert(rule.to_owned(), problem.clone());
                }
                Err(problem)
            }
        }
    }

    /// The lines that were evaluated and those that were not, by script. Only with [`Limits::observe`].
    #[must_use]
    pub fn coverage(&self) -> Vec<(Script, Vec<u32>, Vec<u32>)> {
        let held = |list: &Mutex<Vec<Engine>>| list.lock().map(|held| held.clone()).unwrap_or_default();
        let idle = [held(&self.idle), held(&self.spent)].concat();
        let mut merged: std::collections::BTreeMap<String, (HashSet<u32>, HashSet<u32>)> = Default::default();
        for report in idle.iter().filter_map(|engine| engine.get_coverage_report().ok()) {
            for file in report.files {
                let (covered, missed) = merged.entry(file.path).or_default();
                covered.extend(file.covered);
                missed.extend(file.not_covered);
            }
        }
        let mut found = Vec::new();
        for (name, (covered, missed)) in merged {
            if let Some(script) = self.scripts.iter().find(|s| *s.name == *name) {
                let mut hit: Vec<u32> = covered.iter().copied().collect();
                let mut left: Vec<u32> = missed.difference(&covered).copied().collect();
                hit.sort_unstable();
                left.sort_unstable();
                found.push((script.clone(), hit, left));
            }
        }
        found
    }
}

/// The path of a rule as Rego writes it, whatever its names hold.
#[must_use]
pub fn rule_path(package: &[impl AsRef<str>], rule: &str) -> String {
    let mut path = "data".to_owned();
    for name in package.iter().map(AsRef::as_ref).chain([rule]) {
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if plain {
            path.push('.');
            path.push_str(name);
        } else {
            path.push('[');
            path.push_str(&serde_json::Value::from(name).to_string());
            path.push(']');
        }
    }
    path
}

#[cfg(test)]
mod tests;
