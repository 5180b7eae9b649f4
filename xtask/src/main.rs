//! Development commands: `cargo xtask --help` lists them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to its terminal")]

mod bench;
mod check;
mod docs;
mod examples;
mod openapi;
mod report;
mod sdk;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use workspace::Workspace;

/// Development commands of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Write the OpenAPI documents to `openapi/`.
    Openapi {
        /// Write nothing; fail where a file differs from the code.
        #[arg(long)]
        check: bool,
    },
    /// Write the SDKs below `openapi/sdk/` from the documents.
    Sdk {
        /// Write nothing; fail where a file differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Write the settings pages of the manual from `passport.example.toml`.
    Docs {
        /// Write nothing; fail where a page is out of date, or refers to a file, a heading or a setting that is not there.
        #[arg(long)]
        check: bool,
    },
    /// Send every documented request to a running service and compare the responses with the documents.
    Examples,
    /// Run the whole suite, then the checks of the contract that need Python and Node.
    Test {
        /// Install what is missing (Debian, as root or with sudo); whatever is not run is a failure. The default in CI.
        #[arg(long)]
        install: bool,
        /// Run this group alone.
        #[arg(long, value_enum, value_name = "GROUP")]
        only: Option<test::Group>,
    },
    /// Measure the release build: throughput and latency side by side, work for unknown names, logins in a flood, memory.
    Bench,
    /// Hold the code to its rules: layers, format, lints, specs, licences, leftovers.
    Check,
}

fn main() -> ExitCode {
    let workspace = Workspace::find();
    match Chore::parse() {
        Chore::Openapi { check: false } => verdict(openapi::write(&workspace)),
        Chore::Openapi { check: true } => verdict(openapi::check(&workspace)),
        Chore::Sdk { check: false } => verdict(sdk::write(&workspace)),
        Chore::Sdk { check: true } => verdict(sdk::check(&workspace)),
        Chore::Docs { check: false } => verdict(docs::write(&workspace)),
        Chore::Docs { check: true } => verdict(docs::check(&workspace)),
        Chore::Examples => verdict(examples::run(&workspace)),
        Chore::Test { install, only } => test::run(&workspace, install || in_ci(), only),
        Chore::Bench => verdict(bench::run(&workspace)),
        Chore::Check => check::run(&workspace, in_ci()),
    }
}

/// Whether this runs in continuous integration, where nothing may be left out.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

fn verdict(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
