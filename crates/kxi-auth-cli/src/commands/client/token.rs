//! `client token ID`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use kxi_auth_core::serde_json::{Map, Value};
use kxi_auth_core::{Claims, ClientManager, Error, ExposeSecret as _, Hint, SecretString};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};
use crate::secrets::secret_file;

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Sign in with the secret in this file, or `-` for standard input. Default: the secret stored on the
    /// server, which requires an admin.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Show the access token.
    #[arg(long)]
    pub(crate) show_token: bool,
}

#[derive(Serialize)]
struct Proof<'a> {
    client_id: &'a str,
    realm: &'a str,
    issuer: &'a str,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    expires_in: u64,
    roles: &'a [String],
    client_roles: BTreeMap<String, Vec<String>>,
    claims: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

pub(crate) async fn run(context: &Context<'_>, args: &TokenArgs) -> Result<Report, Failure> {
    let (manager, secret) = credential(context, args).await?;
    let token = context.during("signing in", manager.client_token(&args.id, &secret)).await;
    let token = token.map_err(|error| rejected(error, args))?;
    let claims = token.claims.as_ref();
    let shown = Proof {
        client_id: &args.id,
        realm: manager.realm(),
        issuer: claims.map_or("", |claims| &claims.issuer),
        issued_at: claims.map(|claims| claims.issued_at),
        expires_at: claims.map(|claims| claims.expires_at),
        expires_in: token.lifetime.as_secs(),
        roles: claims.map_or(&[], Claims::realm_roles),
        client_roles: claims.map(Claims::client_roles).unwrap_or_default(),
        claims: claims.map(Claims::all),
        token: args.show_token.then(|| token.token.expose_secret()),
    };
    let table = table(&shown, claims);
    Ok(Report::new(&shown, table)?.with_warnings(claims.and_then(|claims| foreign(claims, &args.id))))
}

/// The warning about a token that the server issued to another client. Keycloak names the client in `azp`.
fn foreign(claims: &Claims, id: &str) -> Option<String> {
    let other = claims.client_id.as_str();
    let is_foreign = !other.is_empty() && other != id;
    is_foreign.then(|| format!("the token is that of the client `{other}` (`azp`), not of `{id}`"))
}

/// The claims that matter to people. The data for programs has all claims.
fn table(shown: &Proof<'_>, claims: Option<&Claims>) -> Table {
    let mut fields: Vec<(&str, Cell)> = vec![
        ("client", shown.client_id.into()),
        ("realm", shown.realm.into()),
        ("issuer", shown.issuer.into()),
    ];
    if let Some(claims) = claims {
        fields.push(("subject", claims.subject.as_str().into()));
        fields.push(("audience", Cell::lines(&claims.audience)));
        fields.push(("scope", claims.scope.as_str().into()));
    }
    fields.push(("lifetime", format!("{} s", shown.expires_in).into()));
    fields.push(("roles", Cell::lines(shown.roles)));
    let of_clients = shown.client_roles.iter();
    let of_clients =
        of_clients.flat_map(|(client, roles)| roles.iter().map(move |role| format!("{client}: {role}")));
    fields.push(("client roles", Cell::lines(&of_clients.collect::<Vec<_>>())));
    if let Some(token) = shown.token {
        fields.push(("token", token.into()));
    }
    Table::fields(fields)
}

/// A failed sign-in of the client. The usual hints about a client are about the admin's, so they are replaced.
fn rejected(error: Error, args: &TokenArgs) -> Failure {
    let hint = error.hint();
    let failure = Failure::from(error);
    match (hint, &args.secret_file) {
        (Some(Hint::CheckSecret), Some(_)) => failure.with_hint(
            "the server may store a different secret; `kxi-auth client get ID --secret-out FILE` writes it",
        ),
        (Some(Hint::CheckSecret | Hint::CheckClient), _) => failure.with_hint(
            "`kxi-auth client get ID` shows whether the client is enabled and how it signs in; check --realm too",
        ),
        _ => failure,
    }
}

/// The manager and the secret to sign in with: the secret from the file, which needs no admin, or else the
/// secret stored on the server.
async fn credential(
    context: &Context<'_>,
    args: &TokenArgs,
) -> Result<(ClientManager, SecretString), Failure> {
    if let Some(path) = &args.secret_file {
        let secret = secret_file(path, &context.stdin, "--secret-file").await?;
        return Ok((context.signing_in_as(&args.id, secret.clone()).await?, secret));
    }
    let manager = context.manager().await?;
    let client =
        context.during("looking up the client", async { manager.get_client(&args.id).await }).await?;
    match client.secret {
        Some(secret) => Ok((manager, secret)),
        None => Err(Failure::no_secret(format!(
            "client `{}` has no secret to sign in with: it is public, or built into Keycloak",
            args.id
        ))),
    }
}
