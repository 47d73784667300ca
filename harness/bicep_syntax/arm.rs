//! Parses every expression of the ARM templates below some paths.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use stamplint::read::arm_expr::{self, Form};
use stamplint::read::embedded::DecodeMap;
use stamplint::read::json::{self, Options};
use stamplint::source::{Source, Span};
use stamplint::tree::{Kind, Value};

#[derive(Default)]
struct Count {
    files: usize,
    expressions: usize,
    parsed: usize,
    bytes: usize,
    spent: Duration,
}

pub fn parse_all(roots: &[String]) -> ExitCode {
    let mut count = Count::default();
    for path in roots.iter().flat_map(|r| crate::files_below(r.as_ref(), &|p| p.ends_with(".json"))) {
        let Some(source) = crate::read(&path) else { continue };
        if !source.text().contains("deploymentTemplate.json#") {
            continue;
        }
        count.files += 1;
        for document in &json::parse(&source, Options::ARM).documents {
            walk(&document.root, &source, &mut count);
        }
    }
    println!(
        "{} of {} expressions of {} files parse, {} bytes, {:.0} MB/s",
        count.parsed,
        count.expressions,
        count.files,
        count.bytes,
        count.bytes as f64 / 1e6 / count.spent.as_secs_f64()
    );
    ExitCode::SUCCESS
}

fn walk(value: &Value, source: &Source, count: &mut Count) {
    match &value.kind {
        Kind::String(text) => expression(text, value.span, Some(value), source, count),
        Kind::List(items) => items.iter().for_each(|v| walk(v, source, count)),
        Kind::Map(entries) => {
            for entry in entries.iter() {
                expression(&entry.key, entry.key_span, None, source, count);
                walk(&entry.value, source, count);
            }
        }
        _ => {}
    }
}

fn expression(text: &str, span: Span, value: Option<&Value>, source: &Source, count: &mut Count) {
    if arm_expr::form(text) != Form::Expression {
        return;
    }
    count.expressions += 1;
    count.bytes += text.len();
    let start = Instant::now();
    let parsed = match value {
        Some(value) if source.slice(span).contains('\\') => arm_expr::parse_mapped(text, &DecodeMap::of(value, source)),
        _ => arm_expr::parse(text, span),
    };
    count.spent += start.elapsed();
    match parsed {
        Ok(expr) => {
            std::hint::black_box(&expr);
            count.parsed += 1;
        }
        Err(problem) => {
            let at = source.position_chars(problem.span.start);
            println!("{}:{}:{}: {}: {text}", source.path(), at.line, at.column, problem.detail);
        }
    }
}
