use super::{Account, Error, ProfileChange};
use crate::types::Secret;

impl Account {
    /// Changes what `change` names of the token's user.
    ///
    /// # Errors
    /// As [`Account::check`].
    pub async fn change_profile(&self, token: &Secret, change: ProfileChange) -> Result<(), Error> {
        let signed_in = self.check(token).await?;
        if self.0.storage.change_profile(signed_in.user.id, change, self.0.clock.now()).await? {
            Ok(())
        } else {
            Err(Error::UserGone)
        }
    }
}
