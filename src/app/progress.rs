//! What a run is busy with, on a terminal and only where it takes longer than a person waits without asking.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A run that is done by then says nothing.
const QUIET: Duration = Duration::from_secs(1);

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(250);

/// What the run is busy with; the default is told to nobody. Clones tell the same line.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    phase: String,
    done: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Says what comes next.
    pub fn say(&self, phase: impl Into<String>) {
        if let Some(shared) = &self.0 {
            shared.lock().phase = phase.into();
        }
    }
}

/// Writes the line, and takes it away when it is dropped.
#[derive(Debug)]
pub struct Line {
    progress: Progress,
    writer: Option<JoinHandle<()>>,
}

impl Line {
    /// A line on standard error where that is a terminal; else, and where `quiet`, none.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        if quiet || dumb || !std::io::stderr().is_terminal() {
            return Self { progress: Progress::default(), writer: None };
        }
        Self::on(std::io::stderr(), QUIET, EVERY)
    }

    fn on(out: impl Write + Send + 'static, quiet: Duration, every: Duration) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let writer = std::thread::Builder::new().name("progress".to_owned());
        let writer = writer.spawn(move || write(&theirs, out, quiet, every)).ok();
        Self { progress: Progress(Some(shared)), writer }
    }

    /// Where to say what comes next.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(shared) = &self.progress.0 {
            shared.lock().done = true;
            shared.changed.notify_all();
        }
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write(shared: &Shared, mut out: impl Write, quiet: Duration, every: Duration) {
    let start = Instant::now();
    let mut wait = quiet;
    let mut shown = false;
    loop {
        let state = shared.changed.wait_timeout_while(shared.lock(), wait, |state| !state.done);
        let state = state.map_or_else(|e| e.into_inner().0, |(state, _)| state);
        if state.done {
            break;
        }
        // A line that cannot be written is not worth a word.
        let _ = write!(out, "\r\x1b[K{} ({} s)", state.phase, start.elapsed().as_secs());
        let _ = out.flush();
        shown = true;
        wait = every;
    }
    if shown {
        let _ = write!(out, "\r\x1b[K");
        let _ = out.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn shown(quiet: Duration, until: impl Fn(&str) -> bool) -> String {
        let screen = Screen::default();
        let line = Line::on(screen.clone(), quiet, Duration::from_millis(1));
        line.progress().say("reading");
        let read = || String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        while !until(&read()) {
            std::thread::yield_now();
        }
        drop(line);
        read()
    }

    #[test]
    fn a_short_run_says_nothing_and_a_long_one_clears_its_line() {
        assert_eq!(shown(Duration::from_secs(600), |_| true), "");
        let long = shown(Duration::ZERO, |text| text.contains("reading (0 s)"));
        assert!(long.ends_with("\r\x1b[K"), "{long:?}");
    }
}
