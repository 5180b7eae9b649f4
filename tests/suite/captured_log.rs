use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use tokio::sync::watch;
use tracing::{
    Dispatch, Level,
    subscriber::{DefaultGuard, NoSubscriber},
};

/// While tracing knows a single subscriber, a place in the code that logs for the first time asks the subscriber of
/// its own thread whether anybody listens, and another test's thread has none. With two, it asks both.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Everything that is logged by this thread, at every level and by every crate, until it is dropped.
pub(crate) struct CapturedLog {
    text: Arc<watch::Sender<String>>,
    _guard: DefaultGuard,
}

impl CapturedLog {
    pub(crate) fn start() -> Self {
        LazyLock::force(&SECOND);
        let text = Arc::new(watch::Sender::default());
        let writer = Mutex::new(Writer(text.clone()));
        let subscriber =
            tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false).with_writer(writer).finish();
        Self { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        self.text.borrow().clone()
    }

    pub(crate) async fn has(&self, words: &str) {
        self.text.subscribe().wait_for(|text| text.contains(words)).await.expect("the log lives");
    }
}

struct Writer(Arc<watch::Sender<String>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send_modify(|text| text.push_str(&String::from_utf8_lossy(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
