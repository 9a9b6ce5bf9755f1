//! `client token ID`

use kxi_auth_core::{ClientManager, ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::args::{ConnectionArgs, TokenArgs};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};
use crate::settings;

#[derive(Serialize)]
struct Proof<'a> {
    client_id: &'a str,
    realm: &'a str,
    issuer: &'a str,
    expires_in: u64,
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

pub(crate) async fn run(connection: &ConnectionArgs, args: &TokenArgs) -> Result<Report, Failure> {
    let (manager, secret) = credential(connection, args).await?;
    let token = manager.client_token(&args.id, &secret).await?;
    let claims = token.claims.as_ref();
    let shown = Proof {
        client_id: &args.id,
        realm: manager.realm(),
        issuer: claims.map_or("", |claims| &claims.issuer),
        expires_in: token.lifetime.as_secs(),
        roles: claims.map_or(&[], |claims| claims.realm_roles()),
        token: args.show_token.then(|| token.token.expose_secret()),
    };
    let mut fields = vec![
        ("client", shown.client_id.into()),
        ("realm", shown.realm.into()),
        ("issuer", shown.issuer.into()),
        ("lifetime", format!("{} s", shown.expires_in).into()),
        ("roles", Cell::lines(shown.roles)),
    ];
    if let Some(token) = shown.token {
        fields.push(("token", token.into()));
    }
    Report::new(&shown, Table::fields(fields))
}

/// The secret of the file if one is given, which needs no admin, else the stored one.
async fn credential(
    connection: &ConnectionArgs,
    args: &TokenArgs,
) -> Result<(ClientManager, SecretString), Failure> {
    if let Some(path) = &args.secret_file {
        let secret = settings::secret_file(path)?;
        return Ok((settings::signing_in_as(connection, &args.id, secret.clone())?, secret));
    }
    let manager = settings::manager(connection)?;
    match manager.get_client(&args.id).await?.secret {
        Some(secret) => Ok((manager, secret)),
        None => Err(Failure::Other(format!(
            "the client `{}` has no secret to sign in with: it is public, or one of Keycloak's own",
            args.id
        ))),
    }
}
