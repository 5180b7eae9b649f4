use std::time::Duration;

use poem::{
    IntoResponse, Response, handler,
    http::StatusCode,
    web::{Data, Json},
};
use serde_json::json;

use crate::storage::Storage;

/// How long the database may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process is alive.
#[handler]
pub fn healthz() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /readyz`: the database answers and has the schema of this version.
#[handler]
pub async fn readyz(storage: Data<&Storage>) -> Response {
    let reason = match tokio::time::timeout(TIMEOUT, storage.is_migrated()).await {
        Ok(Ok(true)) => return Json(json!({"status": "ready"})).into_response(),
        Ok(Ok(false)) => "schema not migrated",
        Ok(Err(error)) => {
            tracing::warn!(error = error.to_string(), "not ready");
            "database unavailable"
        }
        Err(_) => "database too slow",
    };
    Json(json!({"status": "unavailable", "reason": reason}))
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .into_response()
}
