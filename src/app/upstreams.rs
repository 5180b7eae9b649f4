//! The clients of WeChat and of the SMS gateway, and the sandbox that mocks both.

use std::net::SocketAddr;

use super::start_error::StartError;
use crate::{
    config::Config,
    sandbox::{App, AppKind, Sandbox},
    types::{Clock, Random, Secret},
    upstream::{
        sms::SmsGateway,
        wechat::{ClientSettings, WechatClient},
    },
};

const WECHAT_API: &str = "https://api.weixin.qq.com";
const WECHAT_PAGES: &str = "https://open.weixin.qq.com";

/// The apps that are registered with WeChat, each as appid and secret.
pub(super) struct Apps {
    mini: (String, Secret),
    official: Option<(String, Secret)>,
}

impl Apps {
    /// The apps of the configuration; in sandbox mode what is not set is generated.
    pub(super) fn new(config: &Config, random: &Random) -> Self {
        let (mini, official) = (&config.wechat.mini, &config.wechat.official);
        let or_generated = |appid: &str, secret: &Secret, default: &str| {
            let secret = if secret.is_empty() { Secret::new(random.hex::<16>()) } else { secret.clone() };
            (or(appid, default), secret)
        };
        if config.is_sandbox() {
            return Self {
                mini: or_generated(&mini.appid, &mini.secret, "wxsandboxmini00000"),
                official: Some(or_generated(&official.appid, &official.secret, "wxsandboxofficial0")),
            };
        }
        let official = Some((official.appid.clone(), official.secret.clone())).filter(|(appid, _)| !appid.is_empty());
        Self { mini: (mini.appid.clone(), mini.secret.clone()), official }
    }

    /// A sandbox with these apps registered.
    pub(super) fn sandbox(&self, clock: Clock, random: Random) -> Sandbox {
        let app = |kind, (appid, secret): &(String, Secret)| App { kind, appid: appid.clone(), secret: secret.clone() };
        let mut apps = vec![app(AppKind::Mini, &self.mini)];
        apps.extend(self.official.as_ref().map(|official| app(AppKind::Official, official)));
        Sandbox::new(apps, clock, random)
    }
}

/// The clients. `sandbox` is the address of the sandbox, if it runs; there is no gateway if the configured one is the
/// sandbox and it does not.
pub(super) fn clients(
    config: &mut Config,
    apps: Apps,
    sandbox: Option<SocketAddr>,
    clock: &Clock,
    random: &Random,
) -> Result<(WechatClient, Option<SmsGateway>), StartError> {
    let sandbox = sandbox.map(|address| format!("http://{address}"));
    let base = |set: &str, live: &str| {
        or(set, sandbox.as_deref().unwrap_or(live))
            .parse()
            .expect("the configuration checked it, or it is a constant or an address")
    };
    let settings = ClientSettings {
        api_base: base(&config.wechat.api_base, WECHAT_API),
        open_base: base(&config.wechat.open_base, WECHAT_PAGES),
        mini_appid: apps.mini.0,
        mini_secret: apps.mini.1,
        official: apps.official,
        deadline: config.wechat.deadline,
        connect_timeout: config.wechat.connect_timeout,
        max_concurrency: config.wechat.max_concurrency,
    };
    if let Some(sandbox) = &sandbox {
        config.wechat.official.return_urls.push(format!("{sandbox}/callback"));
        if config.sms.is_sandbox() && config.sms.api_base.is_empty() {
            config.sms.api_base.clone_from(sandbox);
        }
    }
    let wechat = WechatClient::new(settings, clock.clone(), random.clone())?;
    if config.sms.is_sandbox() && sandbox.is_none() {
        tracing::warn!("sms.gateway is \"sandbox\", which never runs with live WeChat: no SMS can be sent");
        return Ok((wechat, None));
    }
    let sms = SmsGateway::new(&config.sms, clock.clone(), random.clone())?;
    Ok((wechat, Some(sms)))
}

fn or(text: &str, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text.to_owned() }
}
