//! A listener that is bound before it serves, so that its port is known.

use std::{net::SocketAddr, time::Duration};

use poem::{
    Endpoint, Server,
    listener::{Acceptor, Listener, TcpListener},
};
use tokio::{sync::watch, task::JoinHandle};

use super::StartError;

/// How long a connection may say nothing before it is closed: longer than proxies keep theirs open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

pub(super) struct Bound<A> {
    pub(super) address: SocketAddr,
    acceptor: A,
}

pub(super) async fn listen(address: SocketAddr) -> Result<Bound<impl Acceptor + 'static>, StartError> {
    let failed = |error| StartError::Listen(address, error);
    let acceptor = TcpListener::bind(address).into_acceptor().await.map_err(failed)?;
    let bound = acceptor.local_addr().first().and_then(|local| local.as_socket_addr().copied());
    Ok(Bound { address: bound.unwrap_or(address), acceptor })
}

impl<A: Acceptor + 'static> Bound<A> {
    /// Serves until it is stopped, and then for at most `grace` what is in flight.
    pub(super) fn serve<E>(self, endpoint: E, mut stopped: watch::Receiver<bool>, grace: Duration) -> JoinHandle<()>
    where
        E: Endpoint + 'static,
    {
        let address = self.address;
        tokio::spawn(async move {
            let stop = async move {
                // The sender lives as long as the service; when it is gone, so is the service.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            let server = Server::new_with_acceptor(self.acceptor).idle_timeout(IDLE_TIMEOUT);
            let served = server.run_with_graceful_shutdown(endpoint, stop, Some(grace)).await;
            if let Err(error) = served {
                tracing::error!(error = error.to_string(), address = address.to_string(), "the listener failed");
            }
        })
    }
}
