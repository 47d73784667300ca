//! What is wrong with policies before they run: functions that do not exist, functions that reach out of the run,
//! functions that call themselves. The engine would find the first two only when it comes by, and a function that
//! calls itself would take the whole program down.

use std::collections::{BTreeSet, HashMap, HashSet};

use regorus::unstable::{Expr, Module, Ref, Rule, RuleHead, Span};

use super::syntax::{Node, names, rule_name, segments, walk_rule};
use super::{Script, builtins};
use crate::source::{Code, Problem};

/// Longer chains of rules that need one another are refused: each link takes some of the stack.
const LONGEST_CHAIN: usize = 96;

/// What policies look at beside their input.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// `data.inventory`, or `data` as a whole.
    pub inventory: bool,
    /// The kinds of objects that are looked up in the inventory by their name; `None` where any may be.
    pub kinds: Option<BTreeSet<String>>,
    /// `data.stamp`.
    pub stamp: bool,
    /// `data.stamps`.
    pub stamps: bool,
    /// Any other document below `data`.
    pub data: bool,
    /// `input` by itself, and not only as what `stamplint.pods` and `stamplint.containers` are given.
    pub input: bool,
}

/// A rule that gives the same whatever the input is, and that one which looks at the input asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Steady {
    /// The script that holds all of its definitions.
    pub script: usize,
    /// Its name.
    pub name: String,
    /// Its path, `data` in front.
    pub path: String,
}

/// Everything that can be told without running.
pub(super) fn check(scripts: &[Script], modules: &[Ref<Module>]) -> (Vec<Problem>, Reads, Vec<Steady>) {
    let mut checker = Checker::new(scripts, modules);
    for (index, module) in modules.iter().enumerate() {
        checker.module(index, module);
    }
    checker.chains();
    let steady = checker.steady();
    (checker.problems, checker.reads, steady)
}

struct Checker<'a> {
    scripts: &'a [Script],
    /// Paths of functions, and of all rules.
    functions: HashSet<String>,
    rules: HashMap<String, usize>,
    /// What each rule needs: calls are certain, names may be local variables of the same name.
    calls: Vec<HashSet<usize>>,
    needs: Vec<HashSet<usize>>,
    places: Vec<(usize, Span, String)>,
    /// Rules whose value may change with the input, as far as their own text tells.
    unsteady: HashSet<usize>,
    /// Rules that stay where they are: several files define them, they take arguments or stand below another.
    fixed: HashSet<usize>,
    /// Whether some `with` replaces what rules see.
    replaces: bool,
    problems: Vec<Problem>,
    reads: Reads,
}

/// The path of a module's package, `data` in front.
pub(super) fn package_of(module: &Module) -> Vec<&str> {
    let mut path = vec!["data"];
    path.extend(names(&module.package.refr).0);
    path
}

impl<'a> Checker<'a> {
    fn new(scripts: &'a [Script], modules: &'a [Ref<Module>]) -> Self {
        let mut checker = Self {
            scripts,
            functions: HashSet::new(),
            rules: HashMap::new(),
            calls: Vec::new(),
            needs: Vec::new(),
            places: Vec::new(),
            unsteady: HashSet::new(),
            fixed: HashSet::new(),
            replaces: false,
            problems: Vec::new(),
            reads: Reads { kinds: Some(BTreeSet::new()), ..Reads::default() },
        };
        for (index, module) in modules.iter().enumerate() {
            let package = package_of(module).join(".");
            for rule in &module.policy {
                let path = format!("{package}.{}", head_path(rule));
                let is_function = match rule.as_ref() {
                    Rule::Spec { head: RuleHead::Func { .. }, .. } => true,
                    Rule::Default { args, .. } => !args.is_empty(),
                    Rule::Spec { .. } => false,
                };
                if is_function {
                    checker.functions.insert(path.clone());
                }
                let short = format!("{package}.{}", rule_name(rule));
                let at = *checker.rules.entry(short).or_insert(checker.calls.len());
                if at == checker.calls.len() {
                    checker.calls.push(HashSet::new());
                    checker.needs.push(HashSet::new());
                    checker.places.push((index, rule.span().clone(), rule_name(rule).to_owned()));
                }
                let split = checker.places.get(at).is_some_and(|(first, _, _)| *first != index);
                if split || is_function || !is_plain(rule) {
                    checker.fixed.insert(at);
                }
            }
        }
        checker
    }

    fn module(&mut self, index: usize, module: &'a Module) {
        let package = package_of(module).join(".");
        let imports: HashMap<&str, Vec<&str>> = module
            .imports
            .iter()
            .filter_map(|import| {
                let path = names(&import.refr).0;
                let alias = import.r#as.as_ref().map(|a| a.text()).or(path.last().copied())?;
                Some((alias, path))
            })
            .collect();
        let mut paths: Vec<_> = imports.values().collect();
        paths.sort_unstable();
        for path in paths {
            self.read(path);
            // An imported inventory is looked at under another name.
            if path.starts_with(&["data", "inventory"]) {
                self.reads.kinds = None;
            }
        }
        for rule in &module.policy {
            let from = self.rules.get(&format!("{package}.{}", rule_name(rule))).copied();
            let mut found: Vec<(Span, Vec<&str>, bool)> = Vec::new();
            let mut handed_on = 0;
            walk_rule(rule, &mut |node| match node {
                Node::Query(query) => self.replaces |= query.stmts.iter().any(|s| !s.with_mods.is_empty()),
                Node::Expr(expr) => {
                    self.kinds(expr);
                    match expr {
                        Expr::Call { fcn, span, params, .. } => {
                            let name = names(fcn).0;
                            let view = matches!(name.as_slice(), ["stamplint", "pods" | "containers"]);
                            handed_on += usize::from(view && params.iter().any(|p| names(p).0 == ["input"]));
                            found.push((span.clone(), name, true));
                        }
                        Expr::RefDot { .. } | Expr::RefBrack { .. } | Expr::Var { .. } => {
                            found.push((expr.span().clone(), names(expr).0, false));
                        }
                        _ => {}
                    }
                }
            });
            for (span, path, call) in found {
                let Some(first) = path.first() else { continue };
                let absolute = match imports.get(first) {
                    Some(target) => target.iter().chain(path.iter().skip(1)).copied().collect(),
                    None => path.clone(),
                };
                self.read(&absolute);
                let target = self.resolve(&package, &absolute);
                let of_input = absolute.first() == Some(&"input");
                if of_input && handed_on > 0 && path == ["input"] {
                    handed_on -= 1;
                } else {
                    self.reads.input |= of_input;
                }
                let changes = of_input
                    || (call && (path == ["print"] || builtins::refused(&path.join(".")).is_some()))
                    || (target.is_none() && self.is_above_rules(&absolute));
                if changes {
                    self.unsteady.extend(from);
                }
                if call {
                    self.call(index, &span, &package, &path, &absolute);
                }
                if let (Some(from), Some(target)) = (from, target) {
                    let edges = if call { &mut self.calls } else { &mut self.needs };
                    if let Some(edges) = edges.get_mut(from) {
                        edges.insert(target);
                    }
                }
            }
        }
    }

    /// Notes the kinds that a reference into the inventory asks for: the one that its path fixes, or any.
    fn kinds(&mut self, expr: &Expr) {
        let segments = segments(expr);
        let at = match segments.as_slice() {
            [Some("data"), Some("inventory"), Some("namespace"), ..] => 5,
            [Some("data"), Some("inventory"), Some("cluster" | "kubernetes"), ..] => 4,
            [Some("data"), Some("inventory"), ..] => usize::MAX,
            _ => return,
        };
        match (segments.get(at).copied().flatten(), &mut self.reads.kinds) {
            (Some(kind), Some(kinds)) => {
                kinds.insert(kind.to_owned());
            }
            (None, kinds) => *kinds = None,
            (Some(_), None) => {}
        }
    }

    fn read(&mut self, path: &[&str]) {
        match path {
            ["data"] => {
                self.reads.inventory = true;
                self.reads.kinds = None;
            }
            ["data", "inventory", ..] => self.reads.inventory = true,
            ["data", "stamp", ..] => self.reads.stamp = true,
            ["data", "stamps", ..] => self.reads.stamps = true,
            ["data", ..] => self.reads.data = true,
            _ => {}
        }
    }

    /// The rule that a path leads to or into.
    fn resolve(&self, package: &str, path: &[&str]) -> Option<usize> {
        let joined = path.join(".");
        let absolute = if path.first() == Some(&"data") { joined } else { format!("{package}.{joined}") };
        let mut at = absolute.as_str();
        loop {
            if let Some(rule) = self.rules.get(at) {
                return Some(*rule);
            }
            at = at.rsplit_once('.')?.0;
        }
    }

    fn call(&mut self, index: usize, span: &Span, package: &str, path: &[&str], absolute: &[&str]) {
        let (written, absolute) = (path.join("."), absolute.join("."));
        if self.functions.contains(&absolute) || self.functions.contains(&format!("{package}.{absolute}")) {
            return;
        }
        let place = |checker: &Self| {
            let script = checker.scripts.get(index);
            script
                .map_or(crate::source::Span::NONE, |s| s.span(span.start as usize, span.start as usize + written.len()))
        };
        if let Some(why) = builtins::refused(&written) {
            if written != "time.now_ns" {
                let problem = Problem::new(Code::Policy, place(self), format!("`{written}` is refused: {why}"))
                    .help("a check of files must give the same result everywhere: pass the value as data");
                self.problems.push(problem);
            }
        } else if builtins::absent(&written) {
            let message = format!("`{written}` is a function of OPA that stamplint does not supply");
            let help = "`docs/rego.md` lists what is supplied and what is not";
            self.problems.push(Problem::new(Code::Policy, place(self), message).help(help));
        } else if !builtins::exists(&written) {
            let mut problem = Problem::new(Code::Policy, place(self), format!("`{written}` is no function"));
            let near = builtins::names()
                .map(|name| (strsim::damerau_levenshtein(name, &written), name))
                .filter(|(distance, _)| *distance <= 2)
                .min();
            if let Some((_, name)) = near {
                problem = problem.help(format!("did you mean `{name}`?"));
            }
            self.problems.push(problem);
        }
    }

    /// Whether a path leads to something that holds rules: which of them, only the run tells.
    fn is_above_rules(&self, path: &[&str]) -> bool {
        let above = format!("{}.", path.join("."));
        path.first() == Some(&"data") && self.rules.keys().any(|rule| rule.starts_with(&above))
    }

    /// The steady rules that others ask for.
    fn steady(&self) -> Vec<Steady> {
        if self.replaces {
            return Vec::new();
        }
        let next = |i: usize| self.calls.get(i).into_iter().chain(self.needs.get(i)).flatten().copied();
        // What asks for an unsteady rule is unsteady.
        let mut unsteady = self.unsteady.clone();
        loop {
            let more: Vec<usize> = (0..self.calls.len())
                .filter(|i| !unsteady.contains(i) && next(*i).any(|n| unsteady.contains(&n)))
                .collect();
            if more.is_empty() {
                break;
            }
            unsteady.extend(more);
        }
        let asked: HashSet<usize> = (0..self.calls.len())
            .filter(|i| unsteady.contains(i))
            .flat_map(next)
            .filter(|n| !unsteady.contains(n))
            .collect();
        let mut found: Vec<Steady> = self
            .rules
            .iter()
            .filter(|(_, at)| asked.contains(*at) && !self.fixed.contains(*at))
            .filter_map(|(path, at)| {
                let (script, _, name) = self.places.get(*at)?;
                Some(Steady { script: *script, name: name.clone(), path: path.clone() })
            })
            .collect();
        found.sort_by(|a, b| (a.script, &a.path).cmp(&(b.script, &b.path)));
        found
    }

    /// Functions that come back to themselves, and chains that are too long.
    fn chains(&mut self) {
        let mut depth: Vec<Option<usize>> = vec![None; self.calls.len()];
        for start in 0..self.calls.len() {
            if self.calls.get(start).is_some_and(|c| reaches(&self.calls, c, start)) {
                self.at_rule(start, |name| format!("`{name}` calls itself"));
            }
            if longest(&self.calls, &self.needs, start, &mut depth) > LONGEST_CHAIN {
                self.at_rule(start, |name| format!("`{name}` needs a chain of more than {LONGEST_CHAIN} rules"));
                return;
            }
        }
    }

    fn at_rule(&mut self, rule: usize, message: impl Fn(&str) -> String) {
        if let Some((module, span, name)) = self.places.get(rule)
            && let Some(script) = self.scripts.get(*module)
        {
            let start = span.start as usize;
            let place = script.span(start, start + name.len());
            self.problems.push(Problem::new(Code::Policy, place, message(name)));
        }
    }
}

/// Whether a rule's name is one word.
fn is_plain(rule: &Rule) -> bool {
    let refr = match rule {
        Rule::Default { refr, .. } => refr,
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. } => refr,
        },
    };
    names(refr).0.len() == 1
}

/// The fixed names of a rule's head, which may be a path of its own.
fn head_path(rule: &Rule) -> String {
    let refr = match rule {
        Rule::Default { refr, .. } => refr,
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => refr,
        Rule::Spec { .. } => return rule_name(rule).to_owned(),
    };
    names(refr).0.join(".")
}

fn reaches(edges: &[HashSet<usize>], from: &HashSet<usize>, wanted: usize) -> bool {
    let mut seen: HashSet<usize> = HashSet::new();
    let mut open: Vec<usize> = from.iter().copied().collect();
    while let Some(at) = open.pop() {
        if at == wanted {
            return true;
        }
        if seen.insert(at)
            && let Some(next) = edges.get(at)
        {
            open.extend(next.iter().copied());
        }
    }
    false
}

/// The length of the longest chain below a rule. What closes a circle does not count.
fn longest(calls: &[HashSet<usize>], needs: &[HashSet<usize>], start: usize, depth: &mut [Option<usize>]) -> usize {
    let next = |at: usize| -> Vec<usize> {
        let of = |edges: &[HashSet<usize>]| edges.get(at).cloned().unwrap_or_default();
        let mut all: Vec<usize> = of(calls).union(&of(needs)).copied().collect();
        all.sort_unstable();
        all
    };
    let mut stack = vec![(start, next(start))];
    let mut on_path: HashSet<usize> = HashSet::from([start]);
    let mut below: Vec<usize> = vec![0];
    while let Some((at, open)) = stack.last_mut() {
        let at = *at;
        if let Some(child) = open.pop() {
            match depth.get(child).copied().flatten() {
                Some(known) => {
                    if let Some(b) = below.last_mut() {
                        *b = (*b).max(known + 1);
                    }
                }
                None if on_path.insert(child) => {
                    stack.push((child, next(child)));
                    below.push(0);
                }
                None => {}
            }
            continue;
        }
        let done = below.pop().unwrap_or(0);
        if let Some(slot) = depth.get_mut(at) {
            *slot = Some(done);
        }
        on_path.remove(&at);
        stack.pop();
        if let Some(b) = below.last_mut() {
            *b = (*b).max(done + 1);
        }
    }
    depth.get(start).copied().flatten().unwrap_or(0)
}
