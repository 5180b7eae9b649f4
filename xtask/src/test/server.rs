//! Throwaway database servers, from the programs that this machine has.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::tools::apt;
use crate::workspace::succeeds;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone, Copy)]
pub(crate) enum Engine {
    Postgres,
    MariaDb,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
        }
    }

    pub(crate) fn how_to_install(self) -> String {
        format!("{} is not installed (Debian: {}; --install does it)", self.name(), self.package())
    }

    fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::MariaDb => "mariadb-server",
        }
    }

    /// What makes the data folder, and what serves it.
    fn programs(self) -> Option<(PathBuf, PathBuf)> {
        let (make, serve) = match self {
            Self::Postgres => ("initdb", "postgres"),
            Self::MariaDb => ("mariadb-install-db", "mariadbd"),
        };
        Some((find(make)?, find(serve)?))
    }

    /// What Debian calls the server of the whole machine.
    fn service(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::MariaDb => "mariadb",
        }
    }

    /// What stops it at once: PostgreSQL ends its children then; the data folder is not needed any more.
    fn stop_signal(self) -> &'static str {
        match self {
            Self::Postgres => "QUIT",
            Self::MariaDb => "KILL",
        }
    }

    fn user(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mysql",
        }
    }
}

/// Where programs are, also those outside `PATH`: Debian keeps each version of PostgreSQL apart.
fn find(program: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    folders.into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A running server; dropped, it is stopped and its data is gone.
pub(crate) struct Server {
    process: Child,
    engine: Engine,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts a server on a free port. Its data need not survive a crash, which makes it fast.
    ///
    /// # Errors
    /// When it does not start, or cannot be installed. `None` when its programs are missing and `install` is false.
    pub(crate) fn start(engine: Engine, install: bool) -> Result<Option<Self>, String> {
        if engine.programs().is_none() && install {
            apt::install_server(engine.package(), engine.service())?;
        }
        let Some((make, serve)) = engine.programs() else {
            return if install { Err(engine.how_to_install()) } else { Ok(None) };
        };
        let failed = |error: std::io::Error| format!("{}: {error}", engine.name());
        let mut name = tempfile::Builder::new();
        name.prefix("passport-suite-");
        // In memory where possible: an ALTER TABLE waits for the disk, whatever the server's settings.
        let folder = name.tempdir_in("/dev/shm").or_else(|_| name.tempdir()).map_err(failed)?;
        remove_when_interrupted(folder.path().to_path_buf());
        // The servers refuse to run as root.
        let account = if is_root() { Some(Account::of(engine.user())?) } else { None };
        if let Some(account) = &account {
            std::os::unix::fs::chown(folder.path(), Some(account.user), Some(account.group)).map_err(failed)?;
        }
        let command = |program: &Path| {
            // It ends when this process ends, whatever the cause.
            let mut command = Command::new("setpriv");
            command.current_dir(folder.path()).stdin(Stdio::null()).args(["--pdeathsig", engine.stop_signal()]);
            if let Some(account) = &account {
                command.arg(format!("--reuid={}", account.user)).arg(format!("--regid={}", account.group));
                command.arg("--clear-groups");
            }
            command.arg("--").arg(program);
            command
        };
        let data = folder.path().join("data");
        let log = fs::File::create(folder.path().join("log")).map_err(failed)?;
        let both = |command: &mut Command| -> Result<(), String> {
            command.stdout(log.try_clone().map_err(failed)?).stderr(log.try_clone().map_err(failed)?);
            Ok(())
        };

        let mut making = command(&make);
        match engine {
            Engine::Postgres => making
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
                .arg(option("--pgdata=", &data)),
            Engine::MariaDb => making
                .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
                .arg(option("--datadir=", &data)),
        };
        both(&mut making)?;
        let made = making.status().map_err(failed)?;
        if !made.success() {
            return Err(format!("{} ended with {made}\n{}", make.display(), text(&folder)));
        }

        let port = free_port().map_err(failed)?;
        let mut serving = command(&serve);
        match engine {
            Engine::Postgres => serving.arg("-D").arg(&data).arg("-k").arg(folder.path()).args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "max_connections=500",
            ]),
            // The default character set is latin1, so that the schema has to name its own.
            Engine::MariaDb => serving
                .args(["--no-defaults", "--bind-address=127.0.0.1", "--max-connections=500", "--skip-log-bin"])
                .args(["--innodb-flush-log-at-trx-commit=0", "--character-set-server=latin1"])
                .args(["--default-time-zone=+08:00", &format!("--port={port}")])
                .arg(option("--datadir=", &data))
                .arg(option("--socket=", &folder.path().join("socket")))
                .arg(option("--pid-file=", &folder.path().join("pid"))),
        };
        both(&mut serving)?;
        let process = serving.spawn().map_err(failed)?;
        let mut server = Self { process, engine, port, folder };
        server.await_ready()?;
        Ok(Some(server))
    }

    /// Where an administrator reaches it.
    pub(crate) fn url(&self) -> String {
        match self.engine {
            Engine::Postgres => format!("postgres://postgres@127.0.0.1:{}/postgres", self.port),
            Engine::MariaDb => format!("mysql://root@127.0.0.1:{}/mysql", self.port),
        }
    }

    fn await_ready(&mut self) -> Result<(), String> {
        let started = Instant::now();
        // PostgreSQL takes connections only when it is ready for them or says that it is not yet; its log tells.
        let ready = match self.engine {
            Engine::Postgres => "database system is ready to accept connections",
            Engine::MariaDb => "ready for connections",
        };
        while !(text(&self.folder).contains(ready) && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()) {
            let ended = self.process.try_wait().ok().flatten();
            if ended.is_some() || started.elapsed() > START {
                return Err(format!("{} did not start\n{}", self.engine.name(), text(&self.folder)));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        succeeds(Command::new("kill").args(["-s", self.engine.stop_signal(), &self.process.id().to_string()]));
        let _ = self.process.wait();
    }
}

/// Ends this process at ctrl-c, and with it the server, whose folder it removes.
fn remove_when_interrupted(folder: PathBuf) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if runtime.is_ok_and(|runtime| runtime.block_on(tokio::signal::ctrl_c()).is_ok()) {
            let _ = fs::remove_dir_all(folder);
            std::process::exit(130);
        }
    });
}

/// The log of the server.
fn text(folder: &TempDir) -> String {
    String::from_utf8_lossy(&fs::read(folder.path().join("log")).unwrap_or_default()).into_owned()
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The user that a server runs as.
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// The ids of `name`, which its package has created, or else those of the user `nobody`.
    fn of(name: &str) -> Result<Self, String> {
        let number = |option, name| output(Command::new("id").args([option, name]))?.parse().ok();
        [name, "nobody"]
            .into_iter()
            .find_map(|name| Some(Self { user: number("-u", name)?, group: number("-g", name)? }))
            .ok_or_else(|| "there is no user to run a server as".to_owned())
    }
}
