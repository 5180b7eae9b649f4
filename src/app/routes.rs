use std::{net::SocketAddr, sync::Arc};

use poem::{Endpoint, EndpointExt, Route, get};

use super::{
    docs,
    methods::methods,
    openapi::{combined, specs},
    static_file::StaticFile,
};
use crate::{
    account::Account,
    applet,
    config::Config,
    http::{ErrorLayer, RequestLog, across_origins, limit_body, log_request, render_errors},
    mall, ops,
    storage::Storage,
    types::Random,
};

/// Every route of the service with the layers around it, from the request log inwards.
pub(super) fn routes(
    config: &Config,
    sandbox: Option<SocketAddr>,
    account: Account,
    storage: Storage,
    random: Random,
) -> impl Endpoint + 'static {
    let docs = docs::files(sandbox);
    let specs = specs();
    let surfaces = vec![applet::surface(&config.applet), mall::surface()];
    let others = docs.iter().map(|(path, _)| *path).chain(["/healthz", "/readyz"]);
    let layer = ErrorLayer::new(surfaces, methods(&specs, others));
    let log = RequestLog { trusted_proxies: config.trusted_proxies.clone(), random, layer: Arc::clone(&layer) };
    let (log, cors, localhost) = (Arc::new(log), Arc::new(config.cors.clone()), config.is_sandbox());

    let mut route =
        Route::new().nest("/", combined()).at("/healthz", get(ops::healthz)).at("/readyz", get(ops::readyz));
    for (path, file) in docs {
        route = route.at(path, get(file));
    }
    for spec in specs {
        route = route.at(spec.path(), get(StaticFile::new("application/json", spec.json)));
    }
    let outer = Arc::clone(&layer);
    route
        .data(applet::Context::new(account.clone(), &config.applet))
        .data(mall::Context::new(account, config.mall.clone()))
        .data(storage)
        .around(limit_body)
        .around(move |endpoint, request| render_errors(endpoint, request, Arc::clone(&layer)))
        .around(move |endpoint, request| across_origins(endpoint, request, Arc::clone(&cors), localhost))
        .around(move |endpoint, request| render_errors(endpoint, request, Arc::clone(&outer)))
        .around(move |endpoint, request| log_request(endpoint, request, Arc::clone(&log)))
}
