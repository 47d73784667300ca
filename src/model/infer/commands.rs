//! Deployment commands in workflows, pipelines and scripts: which template, which parameter files, which parameters.

use crate::source::{join, parent};
use crate::tree::{Kind, Text, Value};

/// A command that deploys a template.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Command {
    /// The template as written; `*` stands for what a variable holds.
    pub template: String,
    /// Parameter files as written.
    pub parameters: Vec<String>,
    /// Parameters given by name, with their values where these are plain.
    pub given: Vec<(Text, Option<Text>)>,
    /// Folders that paths may be relative to.
    pub folders: Vec<String>,
    /// Whether all of it could be read: nothing hides in a variable.
    pub whole: bool,
}

impl Command {
    /// The paths from the root that a written path may mean.
    pub fn paths<'c>(&'c self, written: &'c str) -> impl Iterator<Item = String> + 'c {
        self.folders.iter().filter_map(move |dir| join(dir, written))
    }
}

/// Those of a script in a folder: paths are relative to it, or to the root.
#[must_use]
pub fn of_script(dir: &str, text: &str) -> Vec<Command> {
    let mut folders = vec![String::new()];
    if !dir.is_empty() {
        folders.insert(0, dir.to_owned());
    }
    shell(text, &folders)
}

/// Those of a workflow or pipeline: paths are relative to the root, or to the step's working folder.
#[must_use]
pub fn of_workflow(path: &str, root: &Value) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut folders = vec![String::new()];
    // A workflow that is kept beside the templates, to be copied where it runs.
    for dir in [parent(path), parent(parent(path))] {
        if !dir.is_empty() && !dir.starts_with('.') && !folders.iter().any(|f| f == dir) {
            folders.push(dir.to_owned());
        }
    }
    step(root, &folders, &mut commands);
    commands
}

fn step(value: &Value, folders: &[String], commands: &mut Vec<Command>) {
    match &value.kind {
        Kind::String(text) if text.contains("deployment") || text.contains("Deployment") => {
            commands.extend(shell(text, folders));
        }
        Kind::List(list) => list.iter().for_each(|v| step(v, folders, commands)),
        Kind::Map(map) => {
            let working = map
                .get("working-directory")
                .or_else(|| map.get("workingDirectory"))
                .and_then(Value::as_str)
                .map(expanded)
                .and_then(|dir| join("", &dir));
            let mut own = folders.to_vec();
            own.splice(0..0, working);
            let name = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            let (uses, task) = (name("uses"), name("task"));
            let inputs = map.get("with").or_else(|| map.get("inputs"));
            let action = [("azure/arm-deploy", &uses), ("azure/bicep-deploy", &uses)]
                .iter()
                .any(|(action, uses)| uses.starts_with(action))
                || task.starts_with("azureresourcemanagertemplatedeployment")
                || task.starts_with("azureresourcegroupdeployment");
            match inputs.filter(|_| action) {
                Some(inputs) => commands.extend(of_action(inputs, &own)),
                None => map.iter().for_each(|e| step(&e.value, &own, commands)),
            }
        }
        _ => {}
    }
}

fn of_action(inputs: &Value, folders: &[String]) -> Option<Command> {
    let text =
        |keys: &[&str]| keys.iter().find_map(|key| inputs.get_ci(key).and_then(Value::as_str)).map(str::to_owned);
    let mut command = Command {
        template: expanded(&text(&["template", "template-file", "csmFile"])?),
        folders: folders.to_vec(),
        whole: true,
        ..Command::default()
    };
    if let Some(file) = text(&["parameters-file", "csmParametersFile"]) {
        command.parameters.push(expanded(&file));
    }
    match inputs.get_ci("parameters") {
        // bicep-deploy takes JSON, or YAML, of names and values.
        Some(value) if value.as_map().is_some() => {
            for entry in value.entries() {
                command.given.push((entry.key.clone(), entry.value.as_str().map(Text::from)));
            }
        }
        Some(value) => {
            let written = value.as_str().unwrap_or_default();
            if written.trim_start().starts_with('{') {
                command.whole = false;
            } else {
                for word in words(written) {
                    command.parameter(&word);
                }
            }
        }
        None => {}
    }
    // `-name value -other value`
    if let Some(overrides) = text(&["overrideParameters"]) {
        for word in words(&overrides) {
            if let Some(name) = word.strip_prefix('-').filter(|n| !n.is_empty()) {
                command.given.push((name.into(), None));
            }
        }
    }
    Some(command)
}

impl Command {
    /// What follows `--parameters`: a file, `@file`, or `name=value`.
    fn parameter(&mut self, word: &str) {
        if let Some(file) = word.strip_prefix('@') {
            return self.parameters.push(expanded(file));
        }
        if let Some((name, value)) = word.split_once('=')
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            let plain = !value.contains(['$', '@', '`', '%', '{', '[']);
            return self.given.push((name.into(), plain.then(|| value.into())));
        }
        let is_file = [".json", ".jsonc", ".bicepparam"].iter().any(|e| word.ends_with(e));
        if is_file {
            self.parameters.push(expanded(word));
        } else {
            // A variable may hold anything, and inline JSON is not read.
            self.whole = false;
        }
    }
}

fn shell(text: &str, folders: &[String]) -> Vec<Command> {
    let mut commands = Vec::new();
    for line in logical_lines(text) {
        let words = words(&line);
        let mut rest = words.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let begins = az(rest) || powershell(first);
            if begins {
                let end =
                    after.iter().position(|w| matches!(w.as_str(), "&&" | "||" | ";" | "|")).unwrap_or(after.len());
                let arguments = after.get(..end).unwrap_or_default();
                commands.extend(arguments_of(arguments, folders));
            }
            rest = after;
        }
    }
    commands
}

/// `az deployment group create`, `az group deployment create`, `az stack sub create`, with any option in between.
fn az(words: &[String]) -> bool {
    let plain: Vec<&str> = words.iter().take(4).map(String::as_str).collect();
    match plain.as_slice() {
        ["az", first, second, verb] => {
            let of = |w: &str| matches!(w, "deployment" | "stack");
            let at = |w: &str| matches!(w, "group" | "sub" | "mg" | "tenant");
            ((of(first) && at(second)) || (at(first) && of(second)))
                && matches!(*verb, "create" | "what-if" | "validate")
        }
        _ => false,
    }
}

fn powershell(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    (lower.starts_with("new-az") || lower.starts_with("set-az"))
        && (lower.ends_with("deployment") || lower.ends_with("deploymentstack"))
}

fn arguments_of(words: &[String], folders: &[String]) -> Option<Command> {
    let mut command = Command { folders: folders.to_vec(), whole: true, ..Command::default() };
    let mut option = String::new();
    for word in words {
        let (flag, value) = match word.strip_prefix('-') {
            Some(_) => match word.split_once('=').filter(|_| word.starts_with("--")) {
                Some((flag, value)) => (Some(flag), Some(value)),
                None => (Some(word.as_str()), None),
            },
            None => (None, Some(word.as_str())),
        };
        if let Some(flag) = flag {
            option = flag.to_ascii_lowercase();
        }
        let Some(value) = value else { continue };
        match option.as_str() {
            "--template-file" | "-f" | "-templatefile" => command.template = expanded(value),
            "--parameters" | "-p" => command.parameter(value),
            "-templateparameterfile" => command.parameters.push(expanded(value)),
            _ => {}
        }
    }
    (!command.template.is_empty() || command.parameters.iter().any(|p| p.ends_with(".bicepparam"))).then_some(command)
}

/// What a path says, with `*` for each variable: `${{ x }}`, `${x}`, `$x`, `$(x)`.
fn expanded(text: &str) -> String {
    let text = text.trim().trim_start_matches("./");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let skip = |open: &str, close: &str| {
            after.strip_prefix(open).and_then(|inner| inner.find(close).map(|end| open.len() + end + close.len()))
        };
        let name = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        let taken = skip("{{", "}}").or_else(|| skip("{", "}")).or_else(|| skip("(", ")")).unwrap_or(name);
        out.push('*');
        rest = after.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    // A variable that holds the checkout's folder.
    match out.strip_prefix("*/") {
        Some(path) => path.to_owned(),
        None => out,
    }
}

/// Lines, those joined that end in a backslash or a backtick. Comments go.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        match line.strip_suffix('\\').or_else(|| line.strip_suffix('`')) {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => {
                open.push_str(line);
                lines.push(std::mem::take(&mut open));
            }
        }
    }
    if !open.is_empty() {
        lines.push(open);
    }
    lines
}

/// Words as a shell splits them; a `${{ … }}` of a workflow is part of its word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut in_word = false;
    let mut braces = 0usize;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                in_word = true;
            }
            (None, c) if c.is_whitespace() && braces == 0 => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                }
                in_word = false;
            }
            (_, c) => {
                match c {
                    '{' => braces += 1,
                    '}' => braces = braces.saturating_sub(1),
                    _ => {}
                }
                word.push(c);
                in_word = true;
            }
        }
    }
    if in_word {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::source::Sources;

    fn shown(commands: &[Command]) -> Vec<String> {
        commands
            .iter()
            .map(|c| {
                let given: Vec<&str> = c.given.iter().map(|(n, _)| n.as_str()).collect();
                format!("{} < {} [{}] {}", c.template, c.parameters.join(","), given.join(","), c.whole)
            })
            .collect()
    }

    #[test]
    fn scripts() {
        let cases = [
            (
                "az deployment group create -g rg --template-file main.bicep \\\n  --parameters @p.$REGION.json a=1 b=\"$X\"\n",
                "main.bicep < p.*.json [a,b] true",
            ),
            (
                "RG=x; az deployment sub create -f ./a.bicep -p a.bicepparam -p x=y | jq .id",
                "a.bicep < a.bicepparam [x] true",
            ),
            (
                "az deployment group what-if --template-file=\"${ROOT}/m.json\" --parameters \"$P\"",
                "m.json <  [] false",
            ),
            (
                "New-AzResourceGroupDeployment -TemplateFile m.json `\n -TemplateParameterFile p.json",
                "m.json < p.json [] true",
            ),
            ("az group deployment create -f a.json", "a.json <  [] true"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(&of_script("infra", text)), [expected], "{text}");
        }
        assert_eq!(of_script("", "# az deployment group create -f a.bicep\naz deployment group list"), []);
    }

    #[test]
    fn workflows() {
        let text = "\
on: push
jobs:
  a:
    steps:
    - run: |
        az deployment group create --template-file main.bicep \\
          --parameters main.${{ matrix.region }}.json key=${{ secrets.KEY }}
      working-directory: infra
    - uses: azure/arm-deploy@v2
      with: {template: ./a.bicep, parameters: 'a.json x=1'}
    - task: AzureResourceManagerTemplateDeployment@3
      inputs: {csmFile: m.json, csmParametersFile: p.json, overrideParameters: -a 1 -b 2}
";
        let source = Sources::new().add("w.yml", text);
        let root = yaml::parse_with(&source, yaml::Typing::Core).documents[0].root.clone();
        let commands = of_workflow(".github/workflows/w.yml", &root);
        assert_eq!(
            shown(&commands),
            ["main.bicep < main.*.json [key] true", "a.bicep < a.json [x] true", "m.json < p.json [a,b] true",]
        );
        assert_eq!(commands[0].folders, ["infra", ""]);
    }
}
