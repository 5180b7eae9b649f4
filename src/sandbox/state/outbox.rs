use std::collections::VecDeque;

use crate::types::Timestamp;

/// How many messages are kept; beyond it the oldest are removed.
const MAX_MESSAGES: usize = 10_000;

pub struct Message {
    pub mobile: String,
    pub kind: String,
    /// `None` for a notice.
    pub code: Option<String>,
    pub sent_at: Timestamp,
}

/// The messages sent.
#[derive(Default)]
pub struct Outbox(VecDeque<Message>);

impl Outbox {
    pub fn add(&mut self, message: Message) {
        self.0.truncate(MAX_MESSAGES - 1);
        self.0.push_front(message);
    }

    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.0.iter()
    }
}
