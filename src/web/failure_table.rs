use std::fmt::Debug;

use poem::{Response, http::header};

use super::Stray;

impl Stray {
    /// Every case, for the tables of words of the dialects.
    #[rustfmt::skip]
    pub(crate) fn every() -> Vec<Self> {
        every_case![Stray:
            BadField("缺少参数code".to_owned()), BrokenBody("请求体不是有效的JSON"), ForeignOrigin,
            NotFound, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        ]
    }
}

/// A line of a table: the case, the status, the body, and after how many seconds it is worth asking again.
pub(crate) async fn row(case: impl Debug, response: Response) -> String {
    let status = response.status().as_u16();
    let retry_after = response.header(header::RETRY_AFTER).map(|seconds| format!(", retry after {seconds} s"));
    let body = response.into_body().into_string().await.expect("a text");
    format!("{case:?}: {status} {body}{}\n", retry_after.unwrap_or_default())
}
