//! `export`

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kxi_auth_core::serde_json::{Map, Value, json};
use kxi_auth_core::{ClientDetails, ClientManager, Roles, may_be_secret};

use crate::args::{ExportArgs, Format};
use crate::context::Context;
use crate::declaration::{self, Declaration, DeclaredClient, OWNER_ATTRIBUTE};
use crate::failure::Failure;
use crate::output::{Report, safe_yaml};

/// Clients whose roles are read at the same time.
const AT_ONCE: usize = 8;

/// What a new service account has without being told (Keycloak 26.7.3): it needs no place in the file.
const DEFAULTS: [(&str, Value); 12] = [
    ("adminUrl", Value::Null),
    ("baseUrl", Value::Null),
    ("consentRequired", Value::Bool(false)),
    ("description", Value::Null),
    ("directAccessGrantsEnabled", Value::Bool(false)),
    ("frontchannelLogout", Value::Bool(false)),
    ("fullScopeAllowed", Value::Bool(true)),
    ("implicitFlowEnabled", Value::Bool(false)),
    ("name", Value::Null),
    ("redirectUris", Value::Array(Vec::new())),
    ("rootUrl", Value::Null),
    ("standardFlowEnabled", Value::Bool(false)),
];

/// Attributes that the server keeps for itself, or that have a place of their own in the file.
const OTHERS_ATTRIBUTES: [&str; 4] =
    ["access.token.lifespan", "client.secret.creation.time", "realm_client", OWNER_ATTRIBUTE];

pub(crate) async fn run(context: &Context<'_>, args: &ExportArgs) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let mut warnings = Vec::new();
    let declaration = context
        .during("reading the clients", async {
            let listing = manager.list_clients().with_secret(false).details();
            let clients = listing.await?;
            let owner = args.owner.clone().unwrap_or_else(|| owner_of(&clients, manager.realm()));
            let clients = chosen(clients, &owner, args.owned_only, &mut warnings);
            let realm_roles = manager.all_roles().await?.len();
            let declared = stream::iter(clients).map(|client| declared(&manager, client, realm_roles));
            let declared: Vec<_> = declared.buffered(AT_ONCE).try_collect().await?;
            warnings.extend(declared.iter().flat_map(|(_, warnings)| warnings.clone()));
            let clients = declared.into_iter().map(|(client, _)| client).collect();
            Ok::<_, Failure>(Declaration { owner, clients })
        })
        .await?;
    let text = declaration::write(&declaration)
        .map_err(|error| Failure::local(format!("the clients cannot be written as YAML: {error}")))?;
    let report = match context.format() {
        Format::Table | Format::Yaml => Report::text(safe_yaml(text, &declaration)?),
        Format::Json | Format::Jsonl => Report::with_text(&declaration, String::new())?,
    };
    Ok(report.with_warnings(warnings))
}

/// The only owner that clients of this realm have, else the realm's name.
fn owner_of(clients: &[ClientDetails], realm: &str) -> String {
    let mut owners = clients.iter().filter_map(|client| client.attribute(OWNER_ATTRIBUTE));
    match owners.next() {
        Some(owner) if owners.all(|other| other == owner) => owner.to_owned(),
        _ => realm.to_owned(),
    }
}

/// The service accounts that are neither the platform's nor another owner's.
fn chosen(
    clients: Vec<ClientDetails>,
    owner: &str,
    owned_only: bool,
    warnings: &mut Vec<String>,
) -> Vec<ClientDetails> {
    let mut chosen = Vec::new();
    for client in clients.into_iter().filter(|client| client.is_service_account() && !client.is_builtin()) {
        match client.attribute(OWNER_ATTRIBUTE) {
            Some(other) if other != owner => {
                warnings.push(format!("`{}` is left out: it belongs to the owner `{other}`", client.id));
            }
            None if owned_only => {}
            _ if !client.is_enabled() => {
                warnings.push(format!("`{}` is left out: it is disabled, and cannot sign in", client.id));
            }
            _ => chosen.push(client),
        }
    }
    chosen
}

/// The client as the file declares it, and what was left out of it.
async fn declared(
    manager: &ClientManager,
    client: ClientDetails,
    realm_roles: usize,
) -> Result<(DeclaredClient, Vec<String>), Failure> {
    let mut roles = manager.client_roles(&client).await?;
    let roles = if roles.len() == realm_roles {
        Roles::All
    } else {
        roles.retain(|role| !role.is_default_of(manager.realm()));
        let mut names: Vec<String> = roles.into_iter().map(|role| role.name).collect();
        names.sort();
        if names.is_empty() { Roles::None } else { Roles::named(names) }
    };
    let mut warnings = Vec::new();
    let config = config(&client, &mut warnings);
    let id = client.id.clone();
    let token_lifespan = client.token_lifespan();
    Ok((DeclaredClient { id, roles, token_lifespan, config, ..DeclaredClient::default() }, warnings))
}

/// What differs from a new service account. Values that may be secret are left out.
fn config(client: &ClientDetails, warnings: &mut Vec<String>) -> Map<String, Value> {
    let differs = |(name, default): &(&str, Value)| {
        let stored = client.fields().get(*name).filter(|stored| *stored != default && **stored != json!(""));
        stored.map(|stored| ((*name).to_owned(), stored.clone()))
    };
    let mut config: Map<String, Value> = DEFAULTS.iter().filter_map(differs).collect();
    // The server derives web origins from redirect URIs: then that there are none has to be said.
    if let Some(origins) = client.fields().get("webOrigins")
        && (config.contains_key("redirectUris") || *origins != json!([]))
    {
        config.insert("webOrigins".to_owned(), origins.clone());
    }
    let stored = client.fields().get("attributes").and_then(Value::as_object);
    let mut attributes = Map::new();
    for (name, value) in stored.into_iter().flatten() {
        if OTHERS_ATTRIBUTES.contains(&name.as_str()) {
            continue;
        }
        if may_be_secret(name) {
            warnings.push(format!("the attribute `{name}` of `{}` is left out: it may be secret", client.id));
            continue;
        }
        attributes.insert(name.clone(), value.clone());
    }
    if !attributes.is_empty() {
        config.insert("attributes".to_owned(), Value::Object(attributes));
    }
    config
}
