//! A file that never changes while the service runs, compressed at most once.

use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{HeaderMap, header},
    web::{Compress, CompressionAlgo},
};
use tokio::sync::OnceCell;

pub(super) struct Packed {
    content_type: &'static str,
    policy: Option<&'static str>,
    plain: String,
    gzip: OnceCell<Vec<u8>>,
}

impl Packed {
    pub(super) fn new(content_type: &'static str, text: impl Into<String>) -> Self {
        Self { content_type, policy: None, plain: text.into(), gzip: OnceCell::new() }
    }

    /// With this content security policy.
    pub(super) fn under(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    async fn compressed(&self) -> poem::Result<Body> {
        let compress = async || {
            let compress = Compress::new(Body::from(self.plain.clone()), CompressionAlgo::GZIP);
            compress.into_response().into_body().into_vec().await
        };
        Ok(self.gzip.get_or_try_init(compress).await?.clone().into())
    }
}

impl Endpoint for Packed {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = Response::builder()
            .content_type(self.content_type)
            .header(header::VARY, "accept-encoding")
            // Another version of the service may answer at the same address the next time.
            .header(header::CACHE_CONTROL, "no-cache");
        if let Some(policy) = self.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(if takes_gzip(request.headers()) {
            response.header(header::CONTENT_ENCODING, "gzip").body(self.compressed().await?)
        } else {
            response.body(self.plain.clone())
        })
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        let takes = |accepted: &'static str| {
            let headers = [(header::ACCEPT_ENCODING, accepted.parse().unwrap())];
            takes_gzip(&headers.into_iter().collect())
        };
        for accepted in ["gzip", "br, GZIP;q=0.5", "deflate,gzip , br"] {
            assert!(takes(accepted), "{accepted}");
        }
        for refused in ["identity", "gzip;q=0", "br, gzip; q=0.0", "xgzip"] {
            assert!(!takes(refused), "{refused}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
