//! What is being done, on standard error, so that only the tests write to standard output:
//! messages, and below them one line for each build under way.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

/// The lines of the builds under way. Where standard error is no terminal they are not drawn.
static LINES: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// How often a build says how far it is where no line can be redrawn, as in the log of a server.
const EVERY: Duration = Duration::from_secs(60);

/// Prints a message about what is being done.
pub fn say(message: impl std::fmt::Display) {
    print(&format!("\n==> {message}"));
}

/// Prints a line above those of the builds.
pub fn print(line: &str) {
    LINES.suspend(|| eprintln!("{line}"));
}

/// A build under way: what, for how long, how many crates, how much is left.
#[derive(Debug)]
pub struct Line {
    bar: ProgressBar,
    what: &'static str,
    expected: Duration,
    started: Instant,
    told: Instant,
    crates: u64,
}

impl Line {
    /// Begins one. `expected` is what the build takes where everything has to be compiled.
    pub fn begin(what: &'static str, expected: Duration) -> Self {
        let now = Instant::now();
        let bar = LINES.add(ProgressBar::new_spinner());
        let left = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // A line that cannot be written is drawn again a second later.
            let _ = out.write_str(&left(expected, state.elapsed()));
        };
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {prefix}: {elapsed}, {crates}; {left}")
        {
            let crates = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = out.write_str(&count(state.pos()));
            };
            bar.set_style(style.with_key("left", left).with_key("crates", crates));
        }
        bar.set_prefix(what);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_secs(1));
        } else {
            say(format_args!("Building {what}"));
        }
        Self { bar, what, expected, started: now, told: now, crates: 0 }
    }

    /// Counts a crate that has been compiled.
    pub fn count(&mut self) {
        self.crates += 1;
        self.bar.set_position(self.crates);
        if self.bar.is_hidden() && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let (what, took) = (self.what, self.started.elapsed());
            let (crates, left) = (count(self.crates), left(self.expected, took));
            print(&format!("    {what}: {}, {crates}; {left}", words(took)));
        }
    }

    /// Ends the line, and answers how long the build took and how many crates were compiled.
    pub fn end(self, succeeded: bool) -> (Duration, u64) {
        let took = self.started.elapsed();
        self.bar.finish_and_clear();
        let (what, crates) = (self.what, self.crates);
        match succeeded {
            true if crates == 0 => print(&format!("    {what}: nothing to compile")),
            true => print(&format!("    {what}: built in {}, {}", words(took), count(crates))),
            false => print(&format!("    {what}: not built, after {}", words(took))),
        }
        (took, crates)
    }
}

/// What is left of a build.
fn left(expected: Duration, elapsed: Duration) -> String {
    match expected.checked_sub(elapsed) {
        Some(left) => format!("about {} left in a full build", words(left)),
        None => format!("longer than expected ({})", words(expected)),
    }
}

fn count(crates: u64) -> String {
    if crates == 1 { "1 crate".to_owned() } else { format!("{crates} crates") }
}

/// A duration in seconds or minutes.
fn words(duration: Duration) -> String {
    match duration.as_secs() {
        0 => "under a second".to_owned(),
        1 => "1 second".to_owned(),
        seconds @ 0..100 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_seconds_or_minutes() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(60), seconds(20)), "about 40 seconds left in a full build");
        assert_eq!(left(seconds(960), seconds(20)), "about 16 minutes left in a full build");
        assert_eq!(left(seconds(60), seconds(61)), "longer than expected (60 seconds)");
        assert_eq!(words(seconds(1)), "1 second");
        assert_eq!((count(1), count(2)), ("1 crate".to_owned(), "2 crates".to_owned()));
    }
}
