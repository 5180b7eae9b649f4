use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use serde_json::Value;
use tokio::sync::watch;
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt};

/// While tracing knows a single subscriber, a place in the code that logs for the first time asks the subscriber of
/// its own thread whether anybody listens, and another test's thread has none. With two, it asks both.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Everything that is logged by this thread, at every level and by every crate, until it is dropped.
pub(crate) struct CapturedLog {
    text: Arc<watch::Sender<String>>,
    /// The service's own lines once more, as JSON.
    json: Arc<watch::Sender<String>>,
    _guard: DefaultGuard,
}

impl CapturedLog {
    pub(crate) fn start() -> Self {
        LazyLock::force(&SECOND);
        let [text, json] = [(); 2].map(|()| Arc::new(watch::Sender::<String>::default()));
        let as_text = fmt::layer().with_ansi(false).with_writer(Mutex::new(Writer(text.clone())));
        let as_json = fmt::layer().json().flatten_event(true).with_writer(Mutex::new(Writer(json.clone())));
        let ours = Targets::new().with_target("passport", tracing::Level::TRACE);
        let subscriber = tracing_subscriber::registry().with(as_text).with(as_json.with_filter(ours));
        Self { text, json, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        self.text.borrow().clone()
    }

    /// The service's own lines with that target, with their fields.
    pub(crate) fn events(&self, target: &str) -> Vec<Value> {
        let json = self.json.borrow();
        let lines = json.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.filter(|line| line["target"] == target).collect()
    }

    pub(crate) async fn has(&self, words: &str) {
        self.has_times(words, 1).await;
    }

    /// Waits until the words have been logged so many times.
    pub(crate) async fn has_times(&self, words: &str, times: usize) {
        let mut text = self.text.subscribe();
        text.wait_for(|text| text.matches(words).count() >= times).await.expect("the log lives");
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
