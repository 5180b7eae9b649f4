//! Bodies that are larger than any real one.

use reqwest::{Body, Method};
use serde_json::json;

use crate::program::{LOGIN, Passport};

#[tokio::test]
async fn a_client_that_sends_far_too_much_still_reads_why_it_is_refused() {
    let service = Passport::new().start().await;
    for size in [64 * 1024 + 1, 300 * 1024, 900 * 1024] {
        // Repeated, because a connection that is closed too early loses its response only now and then.
        for _ in 0..10 {
            let request = service.request(Method::POST, LOGIN).header("content-type", "application/json");
            let response = service.send(request.body(Body::from(vec![b'x'; size]))).await;
            assert_eq!(response.verdict(), (413, "请求体过大,最大64KB"), "{size}");
        }
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_largest_size_is_read() {
    let service = Passport::new().start().await;
    let empty = json!({"code": "wx_login_code_here", "filler": ""}).to_string().len();
    let body = json!({"code": "wx_login_code_here", "filler": "x".repeat(64 * 1024 - empty)});
    assert_eq!(body.to_string().len(), 64 * 1024);

    assert_eq!(service.post(LOGIN, body).await.verdict(), (200, "登录成功"));
}
