//! The replay server itself: it must not let pass what was not recorded.

use anyhow::{Context as _, Result};
use kxi_auth_tests::recordings::fixture::{Body, Fixture};
use kxi_auth_tests::recordings::replay::Replay;
use kxi_auth_tests::recordings::stand_in;
use kxi_auth_tests::scenarios::{self, At};
use secrecy::SecretString;

/// What a replay says of a run of the scenario `name` against a changed fixture.
async fn verdict(name: &str, change: impl FnOnce(&mut Fixture) -> Result<()>) -> Result<String> {
    let mut fixture = Fixture::read(name)?;
    change(&mut fixture)?;
    let replay = Replay::serve(fixture).await;
    let at = At {
        host: replay.host(),
        realm: stand_in::REALM.to_owned(),
        username: stand_in::USERNAME.to_owned(),
        password: SecretString::from("any password"),
    };
    // The core may well fail: the point is what the replay says.
    let _ = scenarios::named(name)?.run(at).await;
    Ok(replay.finish().err().map_or_else(String::new, |error| error.to_string()))
}

#[tokio::test]
async fn an_unchanged_fixture_is_accepted() -> Result<()> {
    assert_eq!(verdict("register-new", |_| Ok(())).await?, "");
    Ok(())
}

#[tokio::test]
async fn a_request_that_was_not_recorded_is_told() -> Result<()> {
    let verdict = verdict("register-new", |fixture| {
        let _ = fixture.exchanges.pop().context("no exchange")?;
        Ok(())
    })
    .await?;
    let (unexpected, unused) = verdict.split_once("recorded, but not sent:").context("two lists")?;
    assert!(unexpected.contains("POST /auth/admin/realms/insights/users/"), "{verdict}");
    assert!(!unused.contains("POST"), "{verdict}");
    Ok(())
}

#[tokio::test]
async fn a_request_that_was_recorded_and_not_sent_is_told() -> Result<()> {
    let verdict = verdict("role-list", |fixture| {
        let last = fixture.exchanges.last().cloned().context("no exchange")?;
        fixture.exchanges.push(last);
        Ok(())
    })
    .await?;
    let (_, unused) = verdict.split_once("recorded, but not sent:").context("two lists")?;
    assert!(unused.contains("GET /auth/admin/realms/insights/roles"), "{verdict}");
    Ok(())
}

#[tokio::test]
async fn a_body_with_another_value_is_not_taken_for_the_recorded_one() -> Result<()> {
    let verdict = verdict("register-new", |fixture| {
        let create = fixture.exchanges.iter_mut().find(|exchange| {
            exchange.request.method == "POST" && exchange.request.path.ends_with("/clients")
        });
        let body = &mut create.context("no create")?.request.body;
        let text = body.as_ref().and_then(Body::text).context("no body")?;
        assert!(text.contains("\"serviceAccountsEnabled\":true"), "{text}");
        *body = Some(Body::Text(
            text.replace("\"serviceAccountsEnabled\":true", "\"serviceAccountsEnabled\":false"),
        ));
        Ok(())
    })
    .await?;
    assert!(verdict.contains("POST /auth/admin/realms/insights/clients {"), "{verdict}");
    Ok(())
}

#[tokio::test]
async fn a_request_with_another_token_is_not_taken_for_the_recorded_one() -> Result<()> {
    let verdict = verdict("role-list", |fixture| {
        let last = fixture.exchanges.last_mut().context("no exchange")?;
        let header = last.request.headers.get_mut("authorization").context("no token")?;
        header.push('9');
        Ok(())
    })
    .await?;
    assert!(verdict.contains("GET /auth/admin/realms/insights/roles"), "{verdict}");
    Ok(())
}

/// Puts the last request before the one that it follows from, in one group with it or not.
fn swap_last_two(fixture: &mut Fixture, together: Option<usize>) {
    let count = fixture.exchanges.len();
    fixture.exchanges.swap(count - 2, count - 1);
    for exchange in &mut fixture.exchanges[count - 2..] {
        exchange.together = together;
    }
}

#[tokio::test]
async fn a_request_that_comes_too_early_is_told() -> Result<()> {
    let verdict = verdict("role-list", |fixture| {
        swap_last_two(fixture, None);
        Ok(())
    })
    .await?;
    let (_, early) = verdict.split_once("sent too early:\n").context("no list")?;
    let expected = "  POST /auth/realms/master/protocol/openid-connect/token, \
                    before GET /auth/admin/realms/insights/roles";
    assert_eq!(early, expected);
    Ok(())
}

#[tokio::test]
async fn requests_that_were_sent_together_may_come_in_any_order() -> Result<()> {
    let verdict = verdict("role-list", |fixture| {
        swap_last_two(fixture, Some(1));
        Ok(())
    })
    .await?;
    assert_eq!(verdict, "");
    Ok(())
}
