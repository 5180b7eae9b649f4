use std::{net::SocketAddr, time::Duration};

use poem::{
    Endpoint, Server,
    listener::{Acceptor, Listener, TcpListener},
};
use tokio::{sync::watch, task::JoinHandle};

use super::start_error::StartError;

/// How long a connection may be idle before it is closed: longer than proxies keep theirs open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// A listener that is bound but does not serve yet, so that its port is known.
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
    /// Serves until `stopped` holds true; requests in flight then have `timeout` to finish.
    pub(super) fn serve<E>(self, endpoint: E, mut stopped: watch::Receiver<bool>, timeout: Duration) -> JoinHandle<()>
    where
        E: Endpoint + 'static,
    {
        let address = self.address;
        tokio::spawn(async move {
            let stop = async move {
                // An error means that the sender, and with it the service, is gone.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            let server = Server::new_with_acceptor(self.acceptor).idle_timeout(IDLE_TIMEOUT);
            let result = server.run_with_graceful_shutdown(endpoint, stop, Some(timeout)).await;
            if let Err(error) = result {
                tracing::error!(error = error.to_string(), address = address.to_string(), "the listener failed");
            }
        })
    }
}
