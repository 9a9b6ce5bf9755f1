//! A Keycloak without the Admin API at its address: it is off, or it has its own address.

use anyhow::Result;
use kxi_auth_core::{AuthClient, ClientUuid, Error, Hint, Roles};
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy};

use super::{TOKEN, connect, connect_at_auth, refused, roles_behind_faults, tireless};

const ADMIN: &str = "/admin/";

/// What Keycloak 26.7.3 responds without its feature `admin-api`, to whatever is asked.
fn off() -> Fault {
    let body = r#"{"error":"Unable to find matching target resource method"}"#;
    Fault::answer(404, "application/json", body)
}

#[tokio::test]
async fn a_missing_admin_api_is_no_missing_client() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        proxy.inject(method, ADMIN, .., off());
    }
    let manager = connect_at_auth(proxy.host()).build()?;
    let client = AuthClient::new(manager.host(), "svc", ClientUuid::new("u-1")?);
    let plans = manager.plan_clients([manager.register_client("svc")]).await;
    let deletions = manager.delete_clients([manager.delete_client("svc")]).await;
    let errors = [
        refused(manager.register_client("svc").await)?,
        refused(manager.register_client("svc").roles(Roles::None).await)?,
        refused(manager.register_new_client("svc").await)?,
        refused(manager.get_client("svc").await)?,
        refused(manager.list_clients().await)?,
        refused(manager.list_clients().id("svc").await)?,
        refused(manager.delete_client("svc").await)?,
        refused(manager.delete_client_by_uuid(&client.uuid).await)?,
        refused(manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await)?,
        refused(manager.update_client(&client).token_lifespan(60).await)?,
        refused(manager.rotate_secret(&client).await)?,
        refused(manager.service_account_roles(&client).await)?,
        refused(manager.all_roles().await)?,
        refused(manager.permissions().await)?,
    ];
    let bulk = plans.into_iter().map(|plan| plan.map(drop));
    let bulk = bulk.chain(deletions.into_iter().map(|done| done.map(drop)));
    let bulk = bulk.map(refused).collect::<Result<Vec<_>>>()?;
    assert_eq!(bulk.len(), 2);
    for error in errors.into_iter().chain(bulk) {
        assert!(matches!(error, Error::AdminApiNotFound { .. }), "{error:?}");
        assert!(error.is_unavailable() && !error.is_not_found(), "{error}");
        assert_eq!(error.hint(), Some(Hint::SetAdminUrl));
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_deletion_and_then_no_admin_api_is_not_deleted() -> Result<()> {
    let replay = tireless("client-delete-unguarded").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    let manager = connect(proxy.host()).build()?;
    let client = manager.get_client("svc-1").await?;
    proxy.inject("DELETE", ADMIN, 1..=1, Fault::Close);
    proxy.inject("DELETE", ADMIN, 2..=2, off());
    let error = refused(manager.delete_client_by_uuid(&client.uuid).allow_builtin(true).await)?;
    // The first attempt may have been carried out.
    assert!(error.is_unavailable() && !error.is_not_found(), "{error}");
    assert!(error.to_string().contains("may have been deleted"), "{error}");
    assert!(error.to_string().contains("the Admin API is not available"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_keeps_the_admin_api_back_has_the_same_remedy() -> Result<()> {
    for status in [403, 404] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject("GET", ADMIN, .., Fault::status(status));
        let error = refused(connect_at_auth(proxy.host()).build()?.all_roles().await)?;
        assert!(matches!(error, Error::NotKeycloak { .. }), "{error}");
        assert_eq!(error.hint(), Some(Hint::SetAdminUrl));
    }
    Ok(())
}

#[tokio::test]
async fn admin_requests_go_to_the_address_that_is_set_and_sign_ins_do_not() -> Result<()> {
    let (replay, public) = roles_behind_faults().await?;
    let admin = FaultProxy::start(&replay.host()).await?;
    public.inject("GET", ADMIN, .., off());
    let manager = connect(public.host()).admin_url(format!("{}/auth/", admin.host())).build()?;
    assert!(!manager.all_roles().await?.is_empty());
    assert_eq!((public.count("POST", TOKEN), public.count("GET", ADMIN)), (1, 0));
    assert_eq!((admin.count("POST", ""), admin.count("GET", ""), admin.count("GET", ADMIN)), (0, 1, 1));
    Ok(())
}

#[tokio::test]
async fn the_address_of_the_admin_api_is_named_and_takes_no_redirect() -> Result<()> {
    let (replay, public) = roles_behind_faults().await?;
    let admin = FaultProxy::start(&replay.host()).await?;
    let manager = connect(public.host()).retries(0).admin_url(format!("{}/auth", admin.host())).build()?;
    admin.inject("GET", ADMIN, 1..=1, Fault::redirect(307, &format!("{}/elsewhere", public.host())));
    admin.inject("GET", ADMIN, 2..=2, Fault::Close);
    admin.inject("GET", ADMIN, 3..=3, off());
    let redirected = refused(manager.all_roles().await)?;
    assert!(redirected.to_string().contains("307"), "{redirected}");
    assert_eq!(public.count("GET", "/elsewhere"), 0);
    for _ in 0..2 {
        let error = refused(manager.all_roles().await)?.to_string();
        assert!(error.contains(&admin.host()), "{error}");
    }
    Ok(())
}
