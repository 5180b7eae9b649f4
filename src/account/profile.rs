use super::{Account, Error, ProfileChange, SessionPolicy, User};
use crate::types::PlainToken;

impl Account {
    /// Changes what `change` names in the profile of the token's user.
    pub async fn update_profile(
        &self,
        token: &PlainToken,
        policy: &SessionPolicy,
        change: ProfileChange,
    ) -> Result<(), Error> {
        let user = self.authenticate(token, policy).await?.user.id;
        let (now, change) = (self.0.clock.now(), &change);
        let updated = self.0.storage.transaction(|tx| async move {
            match tx.update_profile(user, change, now).await? {
                true => Ok(()),
                false => Err(Error::UserGone.into()),
            }
        });
        Ok(updated.await?)
    }

    /// The name of the group that the user's points put them in.
    pub async fn member_group(&self, user: &User) -> Result<String, Error> {
        Ok(self.0.storage.member_group(user.points).await?.unwrap_or_default())
    }
}
