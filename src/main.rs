//! The command line.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use passport::{
    account::Admin,
    app::{self, App},
    config::{self, Config, Sources},
    ops,
    types::{Clock, Random, UserId},
};

/// The login and account service behind a WeChat mini program or a shopping mall.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The settings file; passport.toml, if it exists, when not given
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<String>,
    /// The database, as sqlite://, postgres:// or mysql://
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default)
    Serve,
    /// List the migrations of the database, or apply the pending ones; the service applies them at its start as well
    Migrate { action: ops::MigrateAction },
    /// Show or change one account, also while the service runs
    User {
        action: ops::UserAction,
        /// The user's number; the applet's form applet_user_123 is accepted as well
        #[arg(value_parser = user_id)]
        id: UserId,
    },
}

fn user_id(text: &str) -> Result<UserId, String> {
    let digits = text.strip_prefix("applet_user_").unwrap_or(text);
    digits.parse().map(UserId::new).map_err(|_| "a user is a number, or applet_user_ and a number".to_owned())
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "errors of a command line program go to stderr")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            for line in error.to_string().lines() {
                eprintln!("passport: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::load(Sources {
        file: cli.config,
        environment: config::environment()?,
        listen: cli.listen,
        database_url: cli.database_url,
    })?;
    ops::start_logging(&config.log);
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
        Command::Migrate { action } => migrate(&config, action).await,
        Command::User { action, id } => user(&config, action, id).await,
    }
}

async fn serve(config: Config) -> Result<ExitCode, Box<dyn Error>> {
    let data_dir = config.data_dir.clone();
    let app = App::start(config, Clock::system(), Random::system()).await?;
    // Installed before the start page is printed, because a signal may follow at once.
    let signal = ops::ShutdownSignal::install()?;
    print_start_page(&app, &std::path::absolute(&data_dir).unwrap_or(data_dir).display().to_string());
    signal.received().await;
    tracing::info!("stopping: finishing what is in flight");
    app.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the start page is the output of the command")]
fn print_start_page(app: &App, data_dir: &str) {
    let service = format!("http://{}", app.address);
    println!("passport {}", env!("CARGO_PKG_VERSION"));
    println!("  Swagger UI   {service}/docs");
    match app.sandbox_address {
        Some(address) => println!("  Sandbox      http://{address}/   (plays WeChat; not for production)"),
        None => println!("  WeChat       live"),
    }
    println!("  Data folder  {data_dir}");
    if app.sandbox_address.is_some() {
        println!("  Try it       curl -d code=wx_login_code_here {service}/applet/login/wxLogin");
    }
}

#[expect(clippy::print_stdout, reason = "the result is the output of the command")]
async fn migrate(config: &Config, action: ops::MigrateAction) -> Result<ExitCode, Box<dyn Error>> {
    let storage = app::open_storage(config, Random::system()).await?;
    let result = ops::run_migrate_command(&storage, action).await;
    storage.close().await;
    println!("{}", result?);
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the result is the output of the command")]
#[expect(clippy::print_stderr, reason = "errors of a command line program go to stderr")]
async fn user(config: &Config, action: ops::UserAction, id: UserId) -> Result<ExitCode, Box<dyn Error>> {
    let storage = app::open_storage(config, Random::system()).await?;
    storage.migrate().await?;
    let result = ops::run_user_command(&Admin::new(storage.clone(), Clock::system()), action, id).await;
    storage.close().await;
    match result? {
        Some(text) => {
            println!("{text}");
            Ok(ExitCode::SUCCESS)
        }
        None => {
            eprintln!("passport: there is no user {id}");
            Ok(ExitCode::FAILURE)
        }
    }
}
