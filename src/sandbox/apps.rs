use crate::types::Secret;

use super::errcode::Errcode;

/// A mini program logs in with codes of `wx.login()`, an official account with codes of the consent page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AppKind {
    Mini,
    Official,
}

/// An app that is registered with the sandbox.
pub struct App {
    pub kind: AppKind,
    pub appid: String,
    pub secret: Secret,
}

impl AppKind {
    /// As the pages show it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Mini => "小程序",
            Self::Official => "公众号",
        }
    }
}

pub(super) struct Apps(Vec<App>);

impl Apps {
    pub(super) fn new(apps: Vec<App>) -> Self {
        Self(apps)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.iter()
    }

    /// The app with this id and secret, or WeChat's error when one of them is missing or wrong.
    pub(super) fn authenticate(&self, appid: Option<&str>, secret: Option<&str>) -> Result<&App, Errcode> {
        let appid = appid.ok_or(Errcode::APPID_MISSING)?;
        let secret = secret.ok_or(Errcode::SECRET_MISSING)?;
        let app = self.find(appid).ok_or(Errcode::INVALID_APPID)?;
        if app.secret.expose() != secret {
            return Err(Errcode::INVALID_SECRET);
        }
        Ok(app)
    }

    /// Like [`Apps::authenticate`], for a call that only apps of this kind may make.
    pub(super) fn authenticate_as(
        &self,
        kind: AppKind,
        appid: Option<&str>,
        secret: Option<&str>,
    ) -> Result<&App, Errcode> {
        let app = self.authenticate(appid, secret)?;
        if app.kind == kind { Ok(app) } else { Err(Errcode::INVALID_APPID) }
    }

    pub(super) fn find(&self, appid: &str) -> Option<&App> {
        self.0.iter().find(|app| app.appid == appid)
    }
}
