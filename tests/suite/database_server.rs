//! A database server for one test, which may kill it. Unlike the shared one, it flushes commits to disk.

use std::{
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::engine::Engine;

/// How long a server may take until it answers. After it was killed, it has to repair its files first.
const TIMEOUT: Duration = Duration::from_secs(60);

const DATABASE: &str = "passport";

pub struct DatabaseServer {
    engine: Engine,
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl DatabaseServer {
    /// A fresh server with an empty database.
    ///
    /// # Panics
    /// When the engine's programs are not installed, or do not work.
    pub async fn start(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let mut server = Self { engine, folder, port, process: None };
        if is_root() {
            // Neither server runs as root. The folder is the one thing that the other user needs.
            std::fs::set_permissions(server.folder.path(), PermissionsExt::from_mode(0o755)).expect("it is ours");
            succeed(Command::new("chown").arg("nobody").arg(server.folder.path()));
        }
        succeed(&mut server.initialization());
        server.resume().await;
        let administrator = server.connect("").await.expect("it answers");
        administrator.execute_unprepared(&format!("CREATE DATABASE {DATABASE}")).await.expect("a database");
        server
    }

    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    fn url_of(&self, database: &str) -> String {
        let scheme = if self.engine == Engine::Postgres { "postgres://postgres" } else { "mysql://root" };
        format!("{scheme}@127.0.0.1:{}/{database}", self.port)
    }

    async fn connect(&self, database: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
        Database::connect(self.url_of(database)).await
    }

    /// A connection beside the service's own.
    pub async fn database(&self) -> DatabaseConnection {
        self.connect(DATABASE).await.expect("the database")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// Starts it on the files that are there, and returns when it answers.
    pub async fn resume(&mut self) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let ended = self.process.as_mut().is_none_or(|process| process.try_wait().expect("a state").is_some());
            if ended {
                // Also when it gave up, because children of the killed one were still there.
                let log = std::fs::File::create(self.folder.path().join("log")).expect("a log");
                let mut command = self.service();
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
                self.process = Some(command.spawn().expect("the server starts"));
            }
            let Err(error) = self.connect("").await else { return };
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the server does not answer: {error}\n{}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn initialization(&self) -> Command {
        match self.engine {
            Engine::Postgres => {
                let mut command = self.command("initdb");
                command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
                command.arg(self.data());
                command
            }
            Engine::MariaDb => {
                let mut command = self.command("mariadb-install-db");
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg(format!("--datadir={}", self.data().display()));
                command
            }
            Engine::Sqlite => panic!("the embedded engine has no server"),
        }
    }

    fn service(&self) -> Command {
        let folder = self.folder.path().display();
        let (data, port) = (self.data().display().to_string(), self.port.to_string());
        let (program, arguments) = match self.engine {
            Engine::Postgres => {
                let mut arguments = vec!["-D".to_owned(), data, "-p".to_owned(), port, "-k".to_owned()];
                arguments.extend([folder.to_string(), "-c".to_owned(), "listen_addresses=127.0.0.1".to_owned()]);
                ("postgres", arguments)
            }
            _ => {
                let arguments = vec![
                    "--no-defaults".to_owned(),
                    format!("--datadir={data}"),
                    format!("--port={port}"),
                    format!("--socket={folder}/socket"),
                    format!("--pid-file={folder}/pid"),
                    "--bind-address=127.0.0.1".to_owned(),
                    "--skip-name-resolve".to_owned(),
                ];
                ("mariadbd", arguments)
            }
        };
        let mut command = self.command(program);
        command.args(arguments);
        command
    }

    /// A program of the server, as a user that is not root.
    fn command(&self, program: &str) -> Command {
        let path = find(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Debian keeps the programs of PostgreSQL in a folder of each version, and those of MariaDB where only root looks.
fn find(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from));
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let found = folders.iter().map(|folder| folder.join(program)).find(|path| is_program(path));
    found.unwrap_or_else(|| panic!("{program} is not installed: this test needs a server that it may kill"))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
