//! `client token ID`

use kxi_auth_core::{ClientManager, Error, ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::args::TokenArgs;
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

pub(crate) async fn run(manager: &ClientManager, args: &TokenArgs) -> Result<Report, Failure> {
    let secret = secret(manager, args).await?;
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

/// The secret of the file if one is given, else the stored one.
async fn secret(manager: &ClientManager, args: &TokenArgs) -> Result<SecretString, Failure> {
    if let Some(path) = &args.secret_file {
        return settings::secret_file(path);
    }
    let client = manager.get_client(&args.id).await?;
    client.secret.ok_or_else(|| {
        Failure::Core(Error::NotFound {
            what: "secret of the client",
            name: args.id.clone(),
            realm: manager.realm().to_owned(),
            hint: ": a public or built-in client has none to sign in with".to_owned(),
        })
    })
}
