//! Gathers the settings of every part with their defaults and checks. Nothing else reads files or the environment.

mod checks;
mod data_dir;
mod errors;
mod load;
mod merge;
mod secret_files;
mod settings;
mod sources;

pub use self::{
    errors::ConfigErrors,
    settings::Config,
    sources::{Sources, environment},
};

#[cfg(test)]
mod tests;
