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
        match self.0.storage.update_profile(user, &change, self.0.clock.now()).await? {
            true => Ok(()),
            false => Err(Error::UserGone),
        }
    }

    /// The name of the group that the user's points put them in.
    pub async fn member_group(&self, user: &User) -> Result<String, Error> {
        Ok(self.0.storage.member_group(user.points).await?.unwrap_or_default())
    }
}
