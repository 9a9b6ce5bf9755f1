//! `client register ID`

use kxi_auth_core::{ClientManager, ExposeSecret as _, Roles};
use serde::Serialize;

use crate::args::RegisterArgs;
use crate::failure::Failure;
use crate::output::{MASK, Report, Table};
use crate::settings;

#[derive(Serialize)]
struct Registered<'a> {
    id: &'a str,
    uuid: &'a str,
    host: &'a str,
    realm: &'a str,
    created: bool,
    roles_added: &'a [String],
    secret: Option<&'a str>,
    warnings: &'a [String],
}

pub(crate) async fn run(manager: &ClientManager, args: &RegisterArgs) -> Result<Report, Failure> {
    let mut registration = manager.register_client(&args.id).roles(roles(&args.roles)?);
    if let Some(path) = &args.secret_file {
        registration = registration.secret(settings::secret_file(path)?);
    }
    let done = registration.await?;
    let secret =
        done.secret.as_ref().map(|secret| if args.show_secret { secret.expose_secret() } else { MASK });
    let warnings: Vec<String> = done.warnings.iter().map(ToString::to_string).collect();
    let shown = Registered {
        id: &done.id,
        uuid: done.uuid.as_str(),
        host: &done.host,
        realm: manager.realm(),
        created: done.created,
        roles_added: &done.roles_added,
        secret,
        warnings: &warnings,
    };
    let table = Table::fields([
        ("client", shown.id.into()),
        ("uuid", shown.uuid.into()),
        ("realm", shown.realm.into()),
        ("host", shown.host.into()),
        ("outcome", if shown.created { "created" } else { "already there" }.into()),
        ("roles added", shown.roles_added.len().to_string().into()),
        ("secret", shown.secret.unwrap_or("none").into()),
    ]);
    Ok(Report::new(&shown, table)?.with_warnings(warnings.clone()))
}

/// `all`, `none`, or names separated by commas.
fn roles(text: &str) -> Result<Roles, Failure> {
    match text {
        "all" => Ok(Roles::All),
        "none" => Ok(Roles::None),
        names => {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            if names.contains(&"") {
                return Err(Failure::Usage(
                    "--roles holds an empty name; write `none` for no roles".to_owned(),
                ));
            }
            Ok(Roles::named(names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_words() {
        assert_eq!(roles("all").unwrap(), Roles::All);
        assert_eq!(roles("none").unwrap(), Roles::None);
        assert_eq!(roles("a, b").unwrap(), Roles::named(["a", "b"]));
        for empty in ["", "a,", ",a"] {
            assert!(roles(empty).is_err(), "{empty}");
        }
    }
}
