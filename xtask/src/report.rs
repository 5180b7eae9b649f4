//! Runs the steps of a command and prints a summary of what passed, failed and was not run.

use std::process::ExitCode;

pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// Could not be run here; a failure where nothing may be left out.
    NotRun(String),
    /// Needs a network service that is not reachable from here; reported, never a failure.
    Unreachable(String),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

pub(crate) struct Report {
    all_must_run: bool,
    steps: Vec<(&'static str, Outcome)>,
}

impl Report {
    pub(crate) fn new(all_must_run: bool) -> Self {
        Self { all_must_run, steps: Vec::new() }
    }

    /// Runs one step, announced on the terminal; says whether it passed.
    pub(crate) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Outcome) -> bool {
        println!("==> {name}");
        let outcome = run();
        if let Outcome::Failed(why) | Outcome::NotRun(why) | Outcome::Unreachable(why) = &outcome {
            println!("{why}");
        }
        let passed = matches!(outcome, Outcome::Passed);
        self.steps.push((name, outcome));
        passed
    }

    /// Prints the summary; succeeds when no step failed and, where all must run, none was left out.
    pub(crate) fn finish(self) -> ExitCode {
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        println!("==> summary");
        for (name, outcome) in &self.steps {
            match outcome {
                Outcome::Passed => {
                    passed += 1;
                    println!("passed   {name}");
                }
                Outcome::Failed(why) => {
                    failed += 1;
                    println!("FAILED   {name}: {}", headline(why));
                }
                Outcome::NotRun(why) if self.all_must_run => {
                    failed += 1;
                    println!("NOT RUN  {name}: {} (nothing may be left out here)", headline(why));
                }
                Outcome::NotRun(why) | Outcome::Unreachable(why) => {
                    skipped += 1;
                    println!("not run  {name}: {}", headline(why));
                }
            }
        }
        let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        println!("{passed} passed, {failed} failed{skipped}");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The first line of `why`, and how much more there is above.
fn headline(why: &str) -> String {
    let mut lines = why.lines();
    let first = lines.next().unwrap_or_default();
    match lines.count() {
        0 => first.to_owned(),
        more => format!("{first} (and {more} lines more above)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(all_must_run: bool, outcome: Outcome) -> ExitCode {
        let mut report = Report::new(all_must_run);
        report.step("one", || Outcome::Passed);
        report.step("two", || outcome);
        report.finish()
    }

    #[test]
    fn what_was_not_run_fails_only_where_nothing_may_be_left_out() {
        assert_eq!(report(false, Outcome::NotRun("no tool".to_owned())), ExitCode::SUCCESS);
        assert_eq!(report(true, Outcome::NotRun("no tool".to_owned())), ExitCode::FAILURE);
    }

    #[test]
    fn a_failure_fails_everywhere_and_an_unreachable_place_nowhere() {
        assert_eq!(report(false, Outcome::Failed("it broke".to_owned())), ExitCode::FAILURE);
        assert_eq!(report(true, Outcome::Unreachable("no network".to_owned())), ExitCode::SUCCESS);
        assert_eq!(report(true, Outcome::Passed), ExitCode::SUCCESS);
    }
}
