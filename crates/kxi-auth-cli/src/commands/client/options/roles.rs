//! Options that select realm roles: `all`, `none`, or roles by name.

use clap::Args;
use kxi_auth_core::Roles;

use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct RolesArgs {
    /// Realm roles: `all`, `none`, or names separated by commas.
    #[arg(long, value_name = "all|none|A,B")]
    pub(crate) roles: Option<String>,

    /// One realm role by its exact name, which may be `all` or contain a comma. Can be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Vec<String>,
}

/// The roles from `--roles` and `--role` together. `None` if neither is given.
pub(crate) fn roles(args: &RolesArgs) -> Result<Option<Roles>, Failure> {
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

/// The roles from `--roles` and `--role`. It is an error if neither is given.
pub(crate) fn some_roles(args: &RolesArgs) -> Result<Roles, Failure> {
    roles(args)?.ok_or_else(|| Failure::usage("no role given").with_hint("use --roles A,B or --role NAME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(roles: Option<&str>, role: &[&str]) -> RolesArgs {
        let role = role.iter().map(|name| (*name).to_owned()).collect();
        RolesArgs { roles: roles.map(ToOwned::to_owned), role }
    }

    #[test]
    fn role_words_and_literal_names() {
        let named = |names: &[&str]| Some(Roles::named(names.iter().copied()));
        assert_eq!(roles(&of(None, &[])).unwrap(), None);
        assert_eq!(roles(&of(Some("all"), &[])).unwrap(), Some(Roles::All));
        assert_eq!(roles(&of(Some("none"), &[])).unwrap(), Some(Roles::None));
        assert_eq!(roles(&of(Some("a, b"), &[])).unwrap(), named(&["a", "b"]));
        assert_eq!(roles(&of(None, &["all", "none", "a,b"])).unwrap(), named(&["all", "none", "a,b"]));
        assert_eq!(roles(&of(Some("a"), &["b,c"])).unwrap(), named(&["a", "b,c"]));
        assert_eq!(roles(&of(Some("none"), &["none"])).unwrap(), named(&["none"]));
        for empty in ["", "a,", ",a"] {
            assert!(roles(&of(Some(empty), &[])).is_err(), "{empty}");
        }
        assert!(roles(&of(Some("all"), &["a"])).is_err());
        assert!(some_roles(&of(None, &[])).is_err());
    }
}
