//! Each engine names a broken constraint in its own way; the storage tells which one it was.

use passport::{
    app::open_storage,
    storage::{Aborted, Constraint, Error, IdentityKey, NewIdentity, NewUser, Provider, Storage, Transaction},
    types::{Phone, Random},
};

use crate::{
    engine::Engine,
    service::{START, Service},
};

async fn storage(service: &Service) -> Storage {
    open_storage(&service.config(), Random::system()).await.expect("a database")
}

/// The error of a write that can never succeed, after as many tries as a write has.
async fn error_of<F>(storage: &Storage, work: impl Fn(Transaction) -> F) -> Error
where
    F: Future<Output = Result<(), Aborted<()>>>,
{
    match storage.transaction(work).await {
        Err(Aborted::Storage(error)) => error,
        _ => panic!("the constraint holds"),
    }
}

fn user() -> NewUser {
    let phone = Some(Phone::stored("13800138000".to_owned()));
    NewUser { name: "小明".to_owned(), phone, unionid: Some("union".to_owned()), ..NewUser::default() }
}

#[tokio::test]
async fn a_taken_value_is_told_by_the_name_of_its_constraint() {
    let service = Service::start().await;
    if Engine::current() == Engine::MariaDb {
        // Its messages, in which the name stands, are in the language of the server unless a session says otherwise.
        service.write("SET GLOBAL lc_messages = 'de_DE'").await;
    }
    let storage = storage(&service).await;
    let key = &IdentityKey { provider: Provider::Wechat, app: "wx".to_owned(), subject: "openid".to_owned() };
    let identity = || NewIdentity { key, union: None, session_key: None };
    let created = storage.transaction(|tx| async move {
        let id = tx.insert_user(user(), START).await?.id;
        tx.insert_identity(id, identity(), START).await?;
        Ok::<_, Aborted<()>>(id)
    });
    let Ok(id) = created.await else { panic!("an empty database takes a user") };

    let same_phone = error_of(&storage, |tx| async move {
        tx.insert_user(NewUser { unionid: None, ..user() }, START).await?;
        Ok(())
    });
    let same_unionid = error_of(&storage, |tx| async move {
        tx.insert_user(NewUser { phone: None, ..user() }, START).await?;
        Ok(())
    });
    let same_identity = error_of(&storage, |tx| async move {
        tx.insert_identity(id, identity(), START).await?;
        Ok(())
    });

    let taken = [same_phone.await, same_unionid.await, same_identity.await].map(|error| match error {
        Error::Taken(constraint) => constraint,
        other => panic!("{other}"),
    });
    assert_eq!(taken, [Constraint::UserPhone, Constraint::UserUnionid, Constraint::Identity]);
}

#[tokio::test]
async fn a_write_that_keeps_losing_ends_after_ten_tries_and_leaves_nothing() {
    let service = Service::start().await;
    let storage = storage(&service).await;
    let tries = &std::sync::atomic::AtomicUsize::new(0);

    let error = error_of(&storage, |tx| async move {
        tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tx.insert_user(user(), START).await?;
        Err(Error::Contended.into())
    });

    assert!(matches!(error.await, Error::Contended));
    assert_eq!(tries.load(std::sync::atomic::Ordering::SeqCst), 10);
    assert!(service.stored().await.users.is_empty());
}
