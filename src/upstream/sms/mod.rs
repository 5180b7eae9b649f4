//! Text messages, through one of three gateways: Aliyun and Tencent Cloud deliver them, the sandbox keeps them.
//!
//! A message is sent at most once. No gateway can tell whether it accepted a message, so nothing is ever repeated here.

mod aliyun;
mod error;
mod gateway;
mod message;
mod sandbox;
mod settings;
mod signing;
mod tencent;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use url::Url;

use self::{
    aliyun::Aliyun,
    error::SendError,
    gateway::{Gateway, Outcome, SmsRequest, is_code},
    sandbox::Sandbox,
    tencent::Tencent,
};
use super::http::{HttpClient, Response};
use crate::types::{Clock, Phone, Random};

pub use self::{
    error::SmsError,
    message::SmsMessage,
    settings::{AliyunSettings, GatewayKind, Settings, TemplateSettings, TencentSettings},
};
pub use super::http::SetupError;

/// A client of the configured gateway. Clones share its connections.
#[derive(Clone)]
pub struct SmsGateway(Arc<Inner>);

struct Inner {
    http: HttpClient,
    gateway: Box<dyn Gateway>,
    clock: Clock,
    random: Random,
    deadline: Duration,
}

impl SmsGateway {
    /// The secrets in `settings` must be resolved. The sandbox has no address of its own: `api_base` must contain it.
    pub fn new(settings: &Settings, clock: Clock, random: Random) -> Result<Self, SetupError> {
        let base: Url = settings
            .base()
            .parse()
            .map_err(|_| SetupError("sms.api_base: the sandbox gateway needs the address of a sandbox".to_owned()))?;
        Ok(Self(Arc::new(Inner {
            http: HttpClient::new(base, settings.connect_timeout, settings.max_concurrency)?,
            gateway: match settings.gateway {
                GatewayKind::Sandbox => Box::new(Sandbox),
                GatewayKind::Aliyun => Box::new(Aliyun(settings.aliyun.clone())),
                GatewayKind::Tencent => Box::new(Tencent(settings.tencent.clone())),
            },
            clock,
            random,
            deadline: settings.deadline,
        })))
    }

    /// Sends a message to the gateway, once, within the deadline of the settings. Success means that the gateway
    /// accepted the message, not that a phone received it.
    pub async fn send(&self, phone: &Phone, message: &SmsMessage) -> Result<(), SmsError> {
        let (gateway, kind) = (self.0.gateway.name(), message.kind());
        self.0.send(phone, message).await.map_err(|error| error.report(gateway, phone, kind))?;
        tracing::debug!(gateway, phone = phone.masked(), kind, "the SMS gateway took a message");
        Ok(())
    }
}

impl Inner {
    async fn send(&self, phone: &Phone, message: &SmsMessage) -> Result<(), SendError> {
        let deadline = Instant::now() + self.deadline;
        let sms = SmsRequest { phone, message, now: self.clock.now(), nonce: self.random.hex::<16>() };
        let request = self.gateway.request(&self.http, &sms).ok_or(SendError::NoTemplate)?;
        let response = self.http.send(request, deadline).await.map_err(SendError::Http)?;
        self.check(response)
    }

    /// Whether a response says that the message was accepted.
    fn check(&self, response: Response) -> Result<(), SendError> {
        let Response { status, body } = response;
        // The body of a server error does not tell the outcome, whatever it says.
        if status.is_server_error() {
            return Err(SendError::Status(status));
        }
        match self.gateway.code(&body).filter(|code| is_code(code)) {
            Some(code) => match self.gateway.outcome(&code) {
                Outcome::Sent if status.is_success() => Ok(()),
                Outcome::Sent => Err(SendError::Status(status)),
                outcome => Err(SendError::Code { code, outcome }),
            },
            None if status.is_success() => Err(SendError::Unreadable),
            None => Err(SendError::Status(status)),
        }
    }
}

#[cfg(test)]
mod tests;
