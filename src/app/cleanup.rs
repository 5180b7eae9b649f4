use tokio::sync::watch;

use crate::account::{Account, SweepSettings};

/// Deletes expired rows at each interval, batch by batch, until the service stops.
pub(super) async fn clean_up(account: Account, settings: SweepSettings, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(settings.interval) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        // An error is logged where it arises; the next interval tries again.
        while matches!(account.sweep(settings.batch).await, Ok(true)) && !*stopped.borrow() {}
    }
}
