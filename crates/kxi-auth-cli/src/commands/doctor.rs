//! `doctor`

use std::time::Duration;

use futures_util::StreamExt as _;
use kxi_auth_core::reqwest::Url;
use kxi_auth_core::{ClientManagerBuilder, SecretString};

use crate::context::Context;
use crate::doctor::{self, ADMIN, Check, Route, SERVER, Setup};
use crate::failure::{Failure, exit_code};
use crate::output::{Format, Report, json};
use crate::settings::{self, Resolved, Settings, SignIn, Source, is_plain_http_elsewhere};

/// The defaults of this command: a user who looks for a fault should see it soon.
const RETRIES: usize = 1;
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn run(context: &Context<'_>) -> Result<Report, Failure> {
    let checks = doctor::examine(setup(context, context.settings()?).await?);
    if context.format() == Format::Jsonl {
        return Ok(Report::items(checks.map(|check| json(&check?))));
    }
    let all: Vec<Result<Check, Failure>> = context.during("running the checks", checks.collect()).await;
    let (mut checks, mut failure) = (Vec::new(), None);
    for item in all {
        match item {
            Ok(check) => checks.push(check),
            Err(failed) => failure = Some(failed),
        }
    }
    let report = Report::with_text(&checks, doctor::render(&checks))?;
    Ok(match failure {
        Some(failure) => report.with_failure(failure),
        None => report,
    })
}

/// What these settings allow to check. Without a password, the checks that need none still run.
async fn setup(context: &Context<'_>, settings: &Settings) -> Result<Setup, Failure> {
    let text = |name: &str| settings.get(name).unwrap_or_default().to_owned();
    let (admin_realm, realm) = (text("admin-realm"), text("realm"));
    let who = match settings.sign_in() {
        SignIn::User { name, .. } => format!("the user `{name}`"),
        SignIn::Client { id, .. } => format!("the service account of the client `{id}`"),
        SignIn::Missing => "no admin".to_owned(),
    };
    let is_client = matches!(settings.sign_in(), SignIn::Client { .. });
    let admin = match builder(settings).await {
        Ok(builder) => context.signed_in(settings, builder).await,
        Err(failure) => Err(failure),
    };
    // An interrupt at the question for the password ends the command.
    let admin = match admin {
        Err(failure) if failure.exit_code() == exit_code::INTERRUPTED => return Err(failure),
        admin => admin,
    };
    // This manager never signs in, but the library requires credentials.
    let with_stand_in =
        |builder: ClientManagerBuilder| builder.admin_client("doctor", SecretString::from("none"));
    let manager = builder(settings).await.and_then(|builder| settings::build(with_stand_in(builder)));
    let flag = if settings.get("keycloak-url").is_some() { "keycloak-url" } else { "host" };
    let server = manager.ok().and_then(|manager| Some((route(settings, flag)?, manager)));
    let admin_server = match settings.get("admin-url") {
        Some(url) => {
            let manager = builder(settings)
                .await
                .and_then(|builder| settings::build(with_stand_in(builder.keycloak_url(url).base_path("/"))));
            manager.ok().and_then(|manager| Some((route(settings, "admin-url")?, manager)))
        }
        None => None,
    };
    let (settings, admin) = match admin {
        Ok(admin) => (Ok(format!("realm `{realm}` at {}, as {who}", admin.host())), Some(admin)),
        Err(failure) => (Err(failure), None),
    };
    Ok(Setup { settings, server, admin_server, admin, who, is_client, admin_realm, realm })
}

async fn builder(settings: &Settings) -> Result<ClientManagerBuilder, Failure> {
    let is_default =
        |name: &str| settings.resolved(name).is_some_and(|setting| setting.source == Source::Default);
    let mut builder = settings.builder().await?;
    if is_default("retries") {
        builder = builder.retries(RETRIES);
    }
    if is_default("timeout") {
        builder = builder.timeout(TIMEOUT);
    }
    Ok(builder)
}

/// `None` if the address is not a URL. The manager's builder has reported that already.
fn route(settings: &Settings, flag: &'static str) -> Option<Route> {
    let address = settings.get(flag)?;
    Some(Route {
        url: Url::parse(address).ok()?,
        flag,
        checks: if flag == "admin-url" { &ADMIN } else { &SERVER },
        proxy: settings.resolved("proxy").and_then(Resolved::shown),
        ca_cert: settings.get("ca-cert").map(ToOwned::to_owned),
        is_readable: is_plain_http_elsewhere(address, settings.get("proxy")),
    })
}
