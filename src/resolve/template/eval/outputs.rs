//! Ways down into modules: their outputs, and what only Azure can tell of them.

use std::rc::Rc;

use super::super::{Step, text};
use super::access::{absent, is_name, push_path};
use super::{Env, Evaluator, Frame, Invocation};
use crate::source::Span;
use crate::tree::{Reason, Unknown, Value, WaitsFor};

impl Evaluator {
    /// Steps down into a module. In ARM an output's value stands below `value`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn module(
        &self,
        f: &Frame,
        env: Env<'_>,
        index: usize,
        call: &Rc<Invocation>,
        site: Span,
        steps: &[Step],
        arm: bool,
    ) -> Value {
        let Some(module) = f.body.modules.get(index) else {
            return super::failed(site);
        };
        let Some((first, rest)) = steps.split_first() else {
            return self.module_at_run_time(f, index, call, "", site);
        };
        let first_key = self.key(f, env, &first.key);
        let key = first_key.as_str().unwrap_or_default();
        // A deployment that is written as a resource has its outputs where Azure has them.
        if key.eq_ignore_ascii_case("properties") && !arm {
            return self.module(f, env, index, call, site, rest, true);
        }
        if key.eq_ignore_ascii_case("type") {
            return self.walk(f, env, Value::string("Microsoft.Resources/deployments", site), rest);
        }
        if key.eq_ignore_ascii_case("apiVersion")
            && let Some(version) = &module.api_version
        {
            let version = self.eval_plain(f, version);
            return self.walk(f, env, version, rest);
        }
        if key.eq_ignore_ascii_case("id")
            && let Some(id) = self.module_id(f, index, call)
        {
            return self.walk(f, env, id, rest);
        }
        if key.eq_ignore_ascii_case("name") {
            return match &module.name {
                Some(name) => {
                    let value = self.eval(f, Env::of(&call.locals), name);
                    self.walk(f, env, value, rest)
                }
                None => self.module_at_run_time(f, index, call, "name", site),
            };
        }
        if !key.eq_ignore_ascii_case("outputs") {
            return self.module_at_run_time(f, index, call, key, site);
        }
        let presence = self.module_presence(f, index, call);
        if first.safe
            && let Some(value) = absent(presence.clone(), site)
        {
            return value;
        }
        if presence.answer == Ok(false) {
            return self.module_at_run_time(f, index, call, &self.module_path(f, env, steps), site);
        }
        let Some((output, rest)) = rest.split_first() else {
            return self.module_at_run_time(f, index, call, "outputs", site);
        };
        let name = self.key(f, env, &output.key);
        let Some(name) = name.as_str() else {
            return self.unknown_or_fail(&name, output.span, "an output's name must be a string");
        };
        let value = match self.output(f, index, call, name, site) {
            Some(value) => value,
            None if output.safe => return Value::null(site),
            None => {
                let detail = format!("the module has no output `{name}`");
                return self.fail(output.span, detail, &[]);
            }
        };
        let rest = match rest.split_first() {
            Some((first, after)) if arm && is_name(&first.key, "value") => after,
            _ => rest,
        };
        self.walk(f, env, value, rest)
    }

    /// Steps down into the module of a turn that is not known.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn module_of_turn(
        &self,
        f: &Frame,
        env: Env<'_>,
        index: usize,
        turn: &Value,
        site: Span,
        steps: &[Step],
        arm: bool,
    ) -> Value {
        if let Some(calls) = self.invocations(f, index)
            && let Some(all) = calls.first().filter(|call| call.uncounted.is_some())
        {
            return self.module(f, env, index, all, site, steps, arm);
        }
        let module = f.body.modules.get(index);
        let call = Invocation::at(module.and_then(|m| m.each.as_ref()), &f.locals, turn);
        let own = match steps.split_first() {
            Some((first, rest)) if is_name(&first.key, "name") => Some((self.module_name(f, index, &call), rest)),
            Some((first, rest)) if is_name(&first.key, "id") => Some((self.module_id(f, index, &call), rest)),
            _ => None,
        };
        if let Some((Some(value), rest)) = own {
            return self.walk(f, env, value, rest);
        }
        let path = self.module_path(f, env, steps);
        self.module_at_run_time(f, index, &call, &path, site)
    }

    /// What only Azure can tell of a module; one without a name goes by its symbol.
    pub(super) fn module_at_run_time(
        &self,
        f: &Frame,
        index: usize,
        call: &Invocation,
        path: &str,
        site: Span,
    ) -> Value {
        let symbol = || f.body.modules.get(index).and_then(|m| m.symbol.clone()).unwrap_or_default();
        let id = self.module_id(f, index, call).map_or_else(symbol, |id| text::shown(&id));
        Value::unknown(Unknown::new(Reason::Runtime, WaitsFor::Resource { id, path: path.into() }), site)
    }

    /// The way into a module, as Bicep writes it: ARM has `properties` before and an output's value below `value`.
    pub(super) fn module_path(&self, f: &Frame, env: Env<'_>, steps: &[Step]) -> String {
        let mut keys: Vec<Value> = steps.iter().map(|step| self.key(f, env, &step.key)).collect();
        let is = |key: Option<&Value>, name: &str| {
            key.and_then(Value::as_str).is_some_and(|key| key.eq_ignore_ascii_case(name))
        };
        if is(keys.first(), "properties") {
            keys.remove(0);
        }
        if is(keys.first(), "outputs") && is(keys.get(2), "value") {
            keys.remove(2);
        }
        let mut path = String::new();
        keys.iter().for_each(|key| push_path(&mut path, key));
        path
    }
}
