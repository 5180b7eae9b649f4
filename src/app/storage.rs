use super::start_error::StartError;
use crate::{
    config::Config,
    storage::{Storage, embedded_url},
    types::{Random, Secret},
};

/// Connects to the database of the configuration; creates the data folder if the database is embedded.
pub async fn open_storage(config: &Config, random: Random) -> Result<Storage, StartError> {
    config.make_data_dir()?;
    let url = match config.database_url() {
        Some(url) => url.clone(),
        None => Secret::new(embedded_url(&config.data_dir)),
    };
    Ok(Storage::connect(url.expose(), &config.database, random).await?)
}
