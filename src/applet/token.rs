//! The access token of a request, in its documented field or in the header of RFC 6750.

use poem::{FromRequest, Request, RequestBody, http::header::AUTHORIZATION};

use crate::{
    http::{self, TokenRule},
    types::PlainToken,
};

/// The documented field `token`.
pub(super) type Token = http::Token<AppletToken>;
pub(super) struct AppletToken;

impl TokenRule for AppletToken {
    const DESCRIPTION: &'static str =
        "用户token,由wxLogin或refreshToken取得。也可以改用请求头Authorization: Bearer传递";
    const EXAMPLE: &'static str = "user_token_here";
}

/// The token in `Authorization: Bearer ...`, empty if absent.
pub(super) struct Bearer(PlainToken);

impl Token {
    /// This token, or the one in the header if this one is empty.
    pub(super) fn or(self, Bearer(bearer): Bearer) -> PlainToken {
        if self.0.is_empty() { bearer } else { self.0 }
    }
}

impl<'a> FromRequest<'a> for Bearer {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| PlainToken::new(token.trim()));
        Ok(Self(token.unwrap_or_default()))
    }
}
