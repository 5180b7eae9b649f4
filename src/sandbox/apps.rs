use crate::types::Secret;

use super::errcode::Errcode;

/// What an app may call: a mini program logs in by `wx.login`, an official account by the OAuth page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AppKind {
    Mini,
    Official,
}

/// An app that the sandbox knows.
pub struct App {
    pub kind: AppKind,
    pub appid: String,
    pub secret: Secret,
}

pub(super) struct Apps(Vec<App>);

impl Apps {
    pub(super) fn new(apps: Vec<App>) -> Self {
        Self(apps)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.iter()
    }

    /// The app whose id and secret these are.
    ///
    /// # Errors
    /// What WeChat answers when one of them is missing or wrong.
    pub(super) fn authenticate(&self, appid: Option<&str>, secret: Option<&str>) -> Result<&App, Errcode> {
        let appid = appid.ok_or(Errcode::APPID_MISSING)?;
        let secret = secret.ok_or(Errcode::SECRET_MISSING)?;
        let app = self.0.iter().find(|app| app.appid == appid).ok_or(Errcode::INVALID_APPID)?;
        if app.secret.expose() != secret {
            return Err(Errcode::INVALID_SECRET);
        }
        Ok(app)
    }

    /// As [`Apps::authenticate`], for a call that only apps of this kind may make.
    pub(super) fn authenticate_as(
        &self,
        kind: AppKind,
        appid: Option<&str>,
        secret: Option<&str>,
    ) -> Result<&App, Errcode> {
        self.authenticate(appid, secret).and_then(|app| app.of_kind(kind).ok_or(Errcode::INVALID_APPID))
    }

    pub(super) fn find(&self, appid: &str) -> Option<&App> {
        self.0.iter().find(|app| app.appid == appid)
    }
}

impl App {
    fn of_kind(&self, kind: AppKind) -> Option<&Self> {
        (self.kind == kind).then_some(self)
    }
}
