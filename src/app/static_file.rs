use poem::{
    Body, Endpoint, IntoResponse, Request, Response,
    http::{HeaderMap, header},
    web::{Compress, CompressionAlgo},
};
use tokio::sync::OnceCell;

/// A file that does not change while the service runs. It is compressed once, at the first request that accepts gzip.
pub(super) struct StaticFile {
    content_type: &'static str,
    policy: Option<&'static str>,
    plain: String,
    gzip: OnceCell<Vec<u8>>,
}

impl StaticFile {
    pub(super) fn new(content_type: &'static str, text: impl Into<String>) -> Self {
        Self { content_type, policy: None, plain: text.into(), gzip: OnceCell::new() }
    }

    /// Sets the header `Content-Security-Policy`.
    pub(super) fn with_policy(self, policy: &'static str) -> Self {
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

impl Endpoint for StaticFile {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let mut response = Response::builder()
            .content_type(self.content_type)
            .header(header::VARY, "accept-encoding")
            // An upgrade of the service may change the file.
            .header(header::CACHE_CONTROL, "no-cache");
        if let Some(policy) = self.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(if accepts_gzip(request.headers()) {
            response.header(header::CONTENT_ENCODING, "gzip").body(self.compressed().await?)
        } else {
            response.body(self.plain.clone())
        })
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
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
        let accepts = |accepted: &'static str| {
            let headers = [(header::ACCEPT_ENCODING, accepted.parse().unwrap())];
            accepts_gzip(&headers.into_iter().collect())
        };
        for accepted in ["gzip", "br, GZIP;q=0.5", "deflate,gzip , br"] {
            assert!(accepts(accepted), "{accepted}");
        }
        for refused in ["identity", "gzip;q=0", "br, gzip; q=0.0", "xgzip"] {
            assert!(!accepts(refused), "{refused}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
