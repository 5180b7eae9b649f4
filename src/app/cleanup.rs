use tokio::sync::watch;

use crate::account::{Account, CleanupSettings};

/// Deletes expired rows at each interval, batch by batch, until the service stops.
pub(super) async fn clean_up(account: Account, settings: CleanupSettings, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(settings.interval) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        // An error is logged where it arises; the next interval tries again.
        while matches!(account.clean_up(settings.batch).await, Ok(true)) && !*stopped.borrow() {}
    }
}
