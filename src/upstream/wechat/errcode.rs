//! What the `errcode` of a response means. Each call has a table of its own; those here are what the calls share.

/// What an errcode means for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing was done, and a second request may succeed.
    Busy,
    CodeInvalid,
    UserBlocked,
    /// The app's access token is no longer valid. Nothing was done.
    AccessTokenStale,
    QuotaUsedUp,
    /// The operator has to check this; no user and no repetition can help.
    Misconfigured(&'static str),
    Failed,
}

/// Whose call it is, and which settings are to be checked when WeChat refuses them.
#[derive(Clone, Copy)]
pub(super) enum App {
    Mini,
    Official,
}

/// For every call.
pub(super) fn outcome(errcode: i64, app: App) -> Outcome {
    Outcome::Misconfigured(match (errcode, app) {
        (-1 | 45011, _) => return Outcome::Busy,
        (45009, _) => return Outcome::QuotaUsedUp,
        (40125 | 41004, App::Mini) => "the app secret (wechat.mini.secret)",
        (40125 | 41004, App::Official) => "the app secret (wechat.official.secret)",
        (40013 | 41002, App::Mini) => "the appid (wechat.mini.appid)",
        (40013 | 41002, App::Official) => "the appid (wechat.official.appid)",
        (40164, _) => "the IP allow-list of the app: this server's address is not on it",
        (48001, _) => "the permissions of the app: it may not make this call",
        (50002, _) => "the state of the app: WeChat has restricted or frozen it",
        _ => return Outcome::Failed,
    })
}

/// For a call that spends a code.
pub(super) fn code_outcome(errcode: i64, app: App) -> Outcome {
    match errcode {
        40029 | 40163 | 42003 | 41008 => Outcome::CodeInvalid,
        40226 => Outcome::UserBlocked,
        _ => outcome(errcode, app),
    }
}
