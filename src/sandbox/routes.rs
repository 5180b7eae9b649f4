//! Every route of the sandbox.

use poem::{Endpoint, EndpointExt, Error, Response, Route, endpoint::make, get, post};
use serde_json::{Value, json};

use super::{
    call::Call,
    control, mock,
    mock_path::MockPath,
    page,
    response::{json_or_error, json_response},
    sms,
    state::Sandbox,
    wechat::consent,
};

impl Sandbox {
    /// Every endpoint of the sandbox. An unknown path, a wrong method and a body over 64 KiB are answered with
    /// `{"error": ...}`.
    pub fn routes(&self) -> impl Endpoint<Output = Response> + use<> {
        let wechat = MockPath::WECHAT.into_iter();
        wechat
            .fold(Route::new(), |route, path| route.at(path.as_str(), mock::endpoint(self, path)))
            .at(MockPath::Sms.as_str(), get(control(self, sms::list)).post(mock::endpoint(self, MockPath::Sms)))
            .at("/codes/login", post(control(self, control::mint_login_code)))
            .at("/codes/phone", post(control(self, control::mint_phone_code)))
            .at("/codes/oauth", post(control(self, control::mint_oauth_code)))
            .at(
                "/faults",
                get(control(self, control::list_faults))
                    .put(control(self, control::add_fault))
                    .delete(control(self, control::clear_faults)),
            )
            .at("/calls", get(control(self, control::count_calls)))
            .at("/", get(endpoint(self, page::show)))
            .at("/callback", get(endpoint(self, consent::callback)))
            .at("/page.css", get(page::style()))
            .at("/page.js", get(page::script()))
            .catch_all_error(async |error: Error| json_response(error.status(), &json!({"error": error.to_string()})))
    }
}

/// The endpoint of one of the sandbox's own paths. An error of `handler` is answered 400 with its message.
fn control(sandbox: &Sandbox, handler: fn(&Sandbox, &Call) -> Result<Value, String>) -> impl Endpoint + use<> {
    endpoint(sandbox, move |sandbox, call| json_or_error(handler(sandbox, call)))
}

fn endpoint<F>(sandbox: &Sandbox, handler: F) -> impl Endpoint + use<F>
where
    F: Fn(&Sandbox, &Call) -> Response + Clone + Send + Sync,
{
    let sandbox = sandbox.clone();
    make(move |request| {
        let (sandbox, handler) = (sandbox.clone(), handler.clone());
        async move {
            let call = Call::read(request).await?;
            Ok::<_, Error>(handler(&sandbox, &call))
        }
    })
}
