//! Text messages: three gateways behind one small trait. The sandbox takes messages and sends none; Aliyun and
//! Tencent Cloud deliver them.
//!
//! A message is sent at most once: no gateway can be asked whether it took one, so nothing is ever repeated here.

mod aliyun;
mod error;
mod gateway;
mod sandbox;
mod settings;
mod signing;
mod tencent;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use url::Url;

use crate::types::{Clock, Phone, Random, Secret};

use self::{
    aliyun::Aliyun,
    error::Fault,
    gateway::{Errand, Gateway, Meaning},
    sandbox::Sandbox,
    tencent::Tencent,
};
use super::http::{Answer, HttpClient};

pub use self::{
    error::SmsError,
    settings::{AliyunSettings, GatewayKind, Settings, TemplateSettings, TencentSettings},
};
pub use super::http::SetupError;

/// What a message says. The words are the template's, which the gateway keeps.
#[derive(Clone)]
pub enum SmsMessage {
    /// The code for a registration.
    RegisterCode(Secret),
    /// The code for a new password.
    PasswordCode(Secret),
    /// Somebody tried to register a number that is a member's.
    AlreadyRegistered,
    /// Somebody asked for a new password for a number that is no member's.
    NotRegistered,
}

impl SmsMessage {
    fn kind(&self) -> &'static str {
        match self {
            Self::RegisterCode(_) => "register",
            Self::PasswordCode(_) => "password",
            Self::AlreadyRegistered => "already_registered",
            Self::NotRegistered => "not_registered",
        }
    }

    fn code(&self) -> Option<&Secret> {
        match self {
            Self::RegisterCode(code) | Self::PasswordCode(code) => Some(code),
            Self::AlreadyRegistered | Self::NotRegistered => None,
        }
    }
}

/// A client of the gateway that the settings choose. Clones share its connections.
#[derive(Clone)]
pub struct SmsGateway(Arc<Parts>);

struct Parts {
    http: HttpClient,
    gateway: Box<dyn Gateway>,
    clock: Clock,
    random: Random,
    deadline: Duration,
}

impl SmsGateway {
    /// `settings` hold the secrets themselves, whichever way they were given. The sandbox has no address of its
    /// own: for it, `api_base` must say where it listens.
    ///
    /// # Errors
    /// When the address of the gateway is unusable, or when TLS cannot be set up.
    pub fn new(settings: &Settings, clock: Clock, random: Random) -> Result<Self, SetupError> {
        let base: Url = settings
            .base()
            .parse()
            .map_err(|_| SetupError::new("sms.api_base: the sandbox gateway needs the address of a sandbox"))?;
        Ok(Self(Arc::new(Parts {
            http: HttpClient::new(&base, settings.connect_timeout, settings.max_concurrency)?,
            gateway: match settings.gateway {
                GatewayKind::Sandbox => Box::new(Sandbox::new(base)),
                GatewayKind::Aliyun => Box::new(Aliyun::new(base, &settings.aliyun)),
                GatewayKind::Tencent => Box::new(Tencent::new(base, &settings.tencent)),
            },
            clock,
            random,
            deadline: settings.deadline,
        })))
    }

    /// Hands a message to the gateway, once. That it took the message does not mean that a phone received it.
    ///
    /// # Errors
    /// After at most the deadline of the settings. [`SmsError`] says what each means; the cause is in the log.
    pub async fn send(&self, phone: &Phone, message: &SmsMessage) -> Result<(), SmsError> {
        let gateway = self.0.gateway.name();
        match self.0.send(phone, message).await {
            Ok(()) => {
                tracing::debug!(
                    gateway,
                    phone = phone.masked(),
                    kind = message.kind(),
                    "the SMS gateway took a message"
                );
                Ok(())
            }
            Err(fault) => Err(fault.report(gateway, phone, message.kind())),
        }
    }
}

impl Parts {
    async fn send(&self, phone: &Phone, message: &SmsMessage) -> Result<(), Fault> {
        let deadline = Instant::now() + self.deadline;
        let errand = Errand { phone, message, now: self.clock.now(), nonce: self.random.hex::<16>() };
        let request = self.gateway.request(&self.http, &errand).ok_or(Fault::NoTemplate)?;
        let answer = self.http.send_by(request, deadline).await.map_err(Fault::Transport)?;
        self.read(answer)
    }

    fn read(&self, answer: Answer) -> Result<(), Fault> {
        let Answer { status, body } = answer;
        // Whatever it says, it does not say what became of the message.
        if status.is_server_error() {
            return Err(Fault::Status(status));
        }
        match self.gateway.code(&body).filter(|code| gateway::is_code(code)) {
            Some(code) => match self.gateway.meaning(&code) {
                Meaning::Sent if status.is_success() => Ok(()),
                Meaning::Sent => Err(Fault::Status(status)),
                meaning => Err(Fault::Code { code, meaning }),
            },
            None if status.is_success() => Err(Fault::Unreadable),
            None => Err(Fault::Status(status)),
        }
    }
}

#[cfg(test)]
mod tests;
