//! Answers whose body is not what it should be.

use anyhow::Result;
use kxi_auth_core::Error;
use kxi_auth_tests::proxies::faults::{Fault, FaultProxy, Framing};

use super::{PROBE, ROLES, TOKEN, connect, connect_at_auth, refused, roles_behind_faults, tireless};

const CLIENTS: &str = "/admin/realms/insights/clients";

#[tokio::test]
async fn a_cut_list_is_read_again() -> Result<()> {
    for framing in [Framing::Length, Framing::Chunked] {
        let (_replay, proxy) = roles_behind_faults().await?;
        let manager = connect(proxy.host()).build()?;
        let whole = manager.all_roles().await?;
        proxy.inject("GET", ROLES, 1..=1, Fault::Cut(framing));
        assert_eq!(manager.all_roles().await?, whole, "{framing:?}");
        assert_eq!(proxy.count("GET", ROLES), 3);
    }
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_cut_each_time_is_an_error() -> Result<()> {
    for framing in [Framing::Length, Framing::Chunked] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject("GET", ROLES, .., Fault::Cut(framing));
        let error = refused(connect(proxy.host()).retries(1).build()?.all_roles().await)?;
        assert!(matches!(error, Error::Connection { .. }), "{framing:?}: {error}");
        assert_eq!(proxy.count("GET", ROLES), 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_page_of_clients_is_no_shorter_list() -> Result<()> {
    for framing in [Framing::Length, Framing::Chunked, Framing::Connection] {
        let replay = tireless("client-list").await?;
        let proxy = FaultProxy::start(&replay.host()).await?;
        proxy.inject("GET", CLIENTS, .., Fault::Cut(framing));
        let error = refused(connect(proxy.host()).retries(0).build()?.list_clients().await)?;
        assert!(matches!(error, Error::Connection { .. } | Error::Protocol { .. }), "{framing:?}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_that_the_transport_cannot_see_is_an_error_of_the_content() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    proxy.inject("GET", ROLES, .., Fault::Cut(Framing::Connection));
    let error = refused(connect(proxy.host()).build()?.all_roles().await)?;
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    assert_eq!(proxy.count("GET", ROLES), 1);
    Ok(())
}

#[tokio::test]
async fn a_cut_answer_to_the_probe_or_the_sign_in_is_read_again() -> Result<()> {
    for (method, path) in [("GET", "/auth/realms/insights"), ("POST", TOKEN)] {
        for framing in [Framing::Length, Framing::Chunked] {
            let (_replay, proxy) = roles_behind_faults().await?;
            proxy.inject(method, path, 1..=1, Fault::Cut(framing));
            assert!(connect(proxy.host()).build()?.all_roles().await.is_ok(), "{path} {framing:?}");
            assert_eq!(proxy.count(method, path), 2);
        }
    }
    Ok(())
}

#[tokio::test]
async fn content_that_is_not_keycloaks_is_named_and_not_shown() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let manager = connect_at_auth(proxy.host()).build()?;
    let mut sent = 0;
    for body in [
        r#"[{"name":"the secret role","#,
        r#"{"secret":"the secret"}"#,
        r#"[{"name":["the secret"]}]"#,
        r#"[{"description":"the secret"}]"#,
        "the secret <html>",
    ] {
        proxy.heal();
        proxy.inject("GET", ROLES, .., Fault::answer(200, "application/json", body));
        let error = refused(manager.all_roles().await)?;
        sent += 1;
        assert!(matches!(error, Error::Protocol { .. }), "{body}: {error}");
        assert!(error.to_string().starts_with("GET /admin/realms/insights/roles: unexpected response: "));
        assert_eq!(proxy.count("GET", ROLES), sent, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_not_shown() -> Result<()> {
    let (_replay, proxy) = roles_behind_faults().await?;
    let manager = connect_at_auth(proxy.host()).build()?;
    let mut sent = 0;
    for body in [
        r#"{"access_token":"eyJ.the secret.x""#,
        r#"{"access_token":["eyJ.the secret.x"],"expires_in":60}"#,
        r#"{"access_token":"eyJ.the secret.x","expires_in":"the secret"}"#,
        r#"{"access_token":"eyJ.the secret.x","expires_in":0}"#,
        r#"{"id_token":"eyJ.the secret.x"}"#,
        "<html>the secret</html>",
    ] {
        proxy.heal();
        proxy.inject("POST", TOKEN, .., Fault::answer(200, "application/json", body));
        let error = refused(manager.all_roles().await)?;
        // Without a token it is not Keycloak's response, so it is requested once more.
        let expired = body.ends_with(r#""expires_in":0}"#);
        sent += if expired { 1 } else { 2 };
        let expected = if expired {
            matches!(error, Error::Protocol { .. })
        } else {
            matches!(error, Error::NotKeycloak { status: 200, .. })
        };
        assert!(expected, "{body}: {error}");
        assert_eq!(proxy.count("POST", TOKEN), sent, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_that_a_gateway_puts_in_is_not_shown() -> Result<()> {
    for (method, path) in [("GET", PROBE), ("POST", TOKEN), ("GET", ROLES)] {
        for status in [403, 404, 500] {
            let (_replay, proxy) = roles_behind_faults().await?;
            let page = format!("<html><title>Blocked</title>the secret: {}</html>", super::PASSWORD);
            proxy.inject(method, path, .., Fault::answer(status, "text/html", &page));
            let error = refused(connect(proxy.host()).retries(0).build()?.all_roles().await)?;
            assert!(error.to_string().contains("(text/html, title `Blocked`)"), "{error}");
            assert!(!error.is_not_found(), "{status} is a gateway's, not Keycloak's: {error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_gateways_id_of_the_request_is_in_the_error() -> Result<()> {
    for (method, path) in [("GET", PROBE), ("POST", TOKEN), ("GET", ROLES)] {
        let (_replay, proxy) = roles_behind_faults().await?;
        proxy.inject(method, path, .., Fault::status(503).with_header("x-request-id", "req-4711"));
        let error = refused(connect(proxy.host()).retries(0).build()?.all_roles().await)?;
        let Error::Server { request, .. } = &error else { panic!("{error}") };
        assert_eq!(request.request_id.as_deref(), Some("req-4711"));
        assert!(error.to_string().contains("(request req-4711)"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn keycloaks_refusal_carries_the_gateways_id_too() -> Result<()> {
    let replay = tireless("register-without-permission").await?;
    let proxy = FaultProxy::start(&replay.host()).await?;
    let manager = connect(proxy.host()).admin_realm("insights").username("limited").build()?;
    proxy.inject("GET", ROLES, .., Fault::Header("x-request-id", "req-4711"));
    proxy.inject("POST", CLIENTS, .., Fault::Header("x-request-id", "req-4711"));
    let error = refused(manager.register_client("svc").await)?;
    assert!(error.is_forbidden() && error.to_string().contains("(request req-4711)"), "{error}");
    Ok(())
}
