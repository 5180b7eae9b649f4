use std::{io, net::SocketAddr};

use crate::{config::ConfigErrors, storage, upstream::wechat::SetupError};

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    #[error("database_url: {0}")]
    Database(#[from] storage::Error),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    #[error(transparent)]
    Upstream(#[from] SetupError),
}
