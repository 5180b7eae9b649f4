use std::{
    io,
    sync::{Arc, Mutex},
};

use tokio::sync::watch;
use tracing::{Level, subscriber::DefaultGuard};

/// Everything that is logged by this thread, at every level and by every crate, until it is dropped.
pub(crate) struct CapturedLog {
    text: Arc<watch::Sender<String>>,
    _guard: DefaultGuard,
}

impl CapturedLog {
    pub(crate) fn start() -> Self {
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
