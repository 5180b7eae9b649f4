//! The table of every failure of a dialect, for the dialects' tests.

use std::fmt::Debug;

use poem::{Response, http::header};

use super::{
    dialect::{Dialect, render_error, render_failure},
    request_error::RequestError,
};

impl RequestError {
    #[rustfmt::skip]
    fn every() -> Vec<Self> {
        every_case![RequestError:
            BadField("缺少参数code".to_owned()), BrokenBody("请求体不是有效的JSON"), ForeignOrigin,
            NotFound, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        ]
    }
}

/// A line for each error of the account core and each request error, as the dialect answers it.
pub(crate) async fn failure_table<D: Dialect>(errors: Vec<D::Error>) -> String {
    let mut table = String::new();
    for error in errors {
        table += &row(error, render_failure::<D>(&D::CODES, &D::failure(&error))).await;
    }
    for error in RequestError::every() {
        let response = render_error::<D>(&error);
        table += &row(error, response).await;
    }
    table
}

async fn row(case: impl Debug, response: Response) -> String {
    let status = response.status().as_u16();
    let retry_after = response.header(header::RETRY_AFTER).map(|seconds| format!(", retry after {seconds} s"));
    let body = response.into_body().into_string().await.expect("a text");
    format!("{case:?}: {status} {body}{}\n", retry_after.unwrap_or_default())
}
