//! Options that select roles: realm roles by the words `all` and `none` or by name, and client roles.

use clap::{Args, ValueEnum};
use kxi_auth_core::{ExactRoles, RoleSet, Roles};

use crate::failure::Failure;

#[derive(Debug, Default, Args)]
pub(crate) struct RolesArgs {
    /// Realm roles: `all`, `none`, or names separated by commas.
    #[arg(long, value_name = "all|none|A,B")]
    pub(crate) roles: Option<String>,

    /// One realm role by its exact name, which may be `all` or contain a comma. Can be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Vec<String>,

    /// One role of a client, such as `realm-management view-clients`: its client ID and its exact name. Can be
    /// repeated.
    #[arg(long, num_args = 2, value_names = ["CLIENT", "ROLE"], allow_hyphen_values = true)]
    pub(crate) client_role: Vec<String>,
}

/// Which other roles are revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExactRolesArg {
    /// All other realm roles, and the other roles of each client that --client-role names.
    Named,
    /// The same, and the roles of every other client.
    All,
}

/// The value of `--exact-roles`, if it is given.
pub(crate) fn exact_roles(arg: Option<ExactRolesArg>) -> ExactRoles {
    match arg {
        None => ExactRoles::Off,
        Some(ExactRolesArg::Named) => ExactRoles::Named,
        Some(ExactRolesArg::All) => ExactRoles::All,
    }
}

/// The roles that the options name. Without `--roles` and `--role`, the realm roles are `default`.
pub(crate) fn roles(args: &RolesArgs, default: Roles) -> Result<RoleSet, Failure> {
    let mut roles = RoleSet::from(realm_roles(args)?.unwrap_or(default));
    for pair in args.client_role.chunks(2) {
        // The parser gives each option two values.
        if let [client, role] = pair {
            for (what, name) in [("client ID", client), ("role", role)] {
                if name.trim().is_empty() {
                    return Err(Failure::usage(format!("--client-role contains a blank {what}")));
                }
            }
            roles = roles.and_client(client, [role]);
        }
    }
    Ok(roles)
}

/// The roles from `--roles` and `--role` together. `None` if neither is given.
fn realm_roles(args: &RolesArgs) -> Result<Option<Roles>, Failure> {
    let literal = || args.role.iter().cloned();
    match (args.roles.as_deref(), args.role.as_slice()) {
        (None, []) => Ok(None),
        (None | Some("none"), [_, ..]) => Ok(Some(Roles::named(literal()))),
        (Some("none"), []) => Ok(Some(Roles::None)),
        (Some("all"), []) => Ok(Some(Roles::All)),
        (Some("all"), [_, ..]) => Err(Failure::usage("--role cannot be combined with --roles all")
            .with_hint("for a role with the name `all`, use only --role all")),
        (Some(names), _) => {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            if names.contains(&"") {
                return Err(Failure::usage("--roles contains an empty name")
                    .with_hint("use `--roles none` for no roles, and --role for a name with a comma"));
            }
            let names = names.into_iter().map(ToOwned::to_owned);
            Ok(Some(Roles::named(names.chain(literal()))))
        }
    }
}

/// The roles that the options name. It is an error if there is none.
pub(crate) fn some_roles(args: &RolesArgs) -> Result<RoleSet, Failure> {
    let RolesArgs { roles: words, role, client_role } = args;
    if words.is_none() && role.is_empty() && client_role.is_empty() {
        return Err(Failure::usage("no role given")
            .with_hint("use --roles A,B, --role NAME or --client-role CLIENT ROLE"));
    }
    roles(args, Roles::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(roles: Option<&str>, role: &[&str]) -> RolesArgs {
        let role = role.iter().map(|name| (*name).to_owned()).collect();
        RolesArgs { roles: roles.map(ToOwned::to_owned), role, client_role: Vec::new() }
    }

    #[test]
    fn role_words_and_literal_names() {
        let named = |names: &[&str]| Some(Roles::named(names.iter().copied()));
        assert_eq!(realm_roles(&of(None, &[])).unwrap(), None);
        assert_eq!(realm_roles(&of(Some("all"), &[])).unwrap(), Some(Roles::All));
        assert_eq!(realm_roles(&of(Some("none"), &[])).unwrap(), Some(Roles::None));
        assert_eq!(realm_roles(&of(Some("a, b"), &[])).unwrap(), named(&["a", "b"]));
        assert_eq!(realm_roles(&of(None, &["all", "none", "a,b"])).unwrap(), named(&["all", "none", "a,b"]));
        assert_eq!(realm_roles(&of(Some("a"), &["b,c"])).unwrap(), named(&["a", "b,c"]));
        assert_eq!(realm_roles(&of(Some("none"), &["none"])).unwrap(), named(&["none"]));
        for empty in ["", "a,", ",a"] {
            assert!(realm_roles(&of(Some(empty), &[])).is_err(), "{empty}");
        }
        assert!(realm_roles(&of(Some("all"), &["a"])).is_err());
        assert!(some_roles(&of(None, &[])).is_err());
    }

    #[test]
    fn client_roles_are_literal_and_add_to_the_realm_roles() {
        let pairs = |pairs: &[&str]| RolesArgs {
            client_role: pairs.iter().map(|text| (*text).to_owned()).collect(),
            ..RolesArgs::default()
        };
        let args = pairs(&["app", "a,b", "app", "all"]);
        assert_eq!(roles(&args, Roles::All).unwrap(), Roles::All.and_client("app", ["all", "a,b"]));
        assert_eq!(some_roles(&args).unwrap(), Roles::None.and_client("app", ["all", "a,b"]));
        for blank in [["", "a"], ["app", " "]] {
            assert!(roles(&pairs(&blank), Roles::All).is_err(), "{blank:?}");
        }
    }
}
