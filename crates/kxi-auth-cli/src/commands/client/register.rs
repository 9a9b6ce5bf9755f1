//! `client register ID`

use clap::Args;
use kxi_auth_core::{Roles, Warning};

use crate::commands::client::change::{Change, carry_out, stage};
use crate::commands::client::options::{
    self, AllowArgs, ConfigArgs, ExactRolesArg, GroupsArgs, RolesArgs, SecretArgs, SecretOutArgs,
};
use crate::commands::client::shown::Shown;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Report};

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Keycloak client ID.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) roles: RolesArgs,

    /// Revoke all other realm roles, except the realm's default role, and the other roles of each client that
    /// --client-role names. With `=all`, revoke the roles of every other client too.
    #[arg(
        long,
        value_name = "named|all",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "named",
        hide_possible_values = true
    )]
    pub(crate) exact_roles: Option<ExactRolesArg>,

    #[command(flatten)]
    pub(crate) groups: GroupsArgs,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) secret: SecretArgs,

    #[command(flatten)]
    pub(crate) out: SecretOutArgs,

    #[command(flatten)]
    pub(crate) allow: AllowArgs,

    /// Allow all roles of the realm `master`, which include `admin`.
    #[arg(long)]
    pub(crate) allow_master_roles: bool,

    /// Convert a client of another kind (public, bearer-only, SAML, disabled) to a service account. This
    /// also turns off the binding of its tokens to a key or a client certificate.
    #[arg(long)]
    pub(crate) convert: bool,
}

pub(crate) async fn run(context: &Context<'_>, args: &RegisterArgs) -> Result<Report, Failure> {
    let roles = options::roles(&args.roles, Roles::All)?;
    let Change { arguments, secret, mut file } =
        Change::read(context, &args.id, &args.config, &args.secret, &args.out).await?;
    let manager = context.manager().await?;
    let secret = stage(context, &manager, &args.id, secret, file.as_mut())?;
    let registration = manager
        .register_client(&args.id)
        .roles(roles)
        .exact_roles(options::exact_roles(args.exact_roles))
        .groups(&args.groups.group)
        .exact_groups(args.groups.exact_groups)
        .arguments(arguments)
        .secret_if_new(secret)
        .allow_builtin(args.allow.allow_builtin)
        .allow_self(args.allow.allow_self)
        .allow_master_roles(args.allow_master_roles)
        .convert(args.convert);
    let done = carry_out(context, "registering the client", &args.id, &mut file, registration).await?;

    let warnings: Vec<String> = done.warnings.iter().map(Warning::to_string).collect();
    let outcome = match (done.created, done.is_unchanged()) {
        (true, _) => "created",
        (false, true) => "unchanged",
        (false, false) => "updated",
    };
    let added = done.roles_added.len().to_string();
    let mut shown = Shown::new(&manager, &done.client, &args.out, file)?
        .with("created", done.created, "outcome", outcome)?
        .with_data("updated", done.updated)?
        .with("roles_added", &done.roles_added.realm, "roles added", added)?
        .with_data("client_roles_added", &done.roles_added.clients)?;
    if args.exact_roles.is_some() {
        let revoked = done.roles_revoked.len().to_string();
        shown = shown
            .with("roles_revoked", &done.roles_revoked.realm, "roles revoked", revoked)?
            .with_data("client_roles_revoked", &done.roles_revoked.clients)?;
    }
    let GroupsArgs { group, exact_groups } = &args.groups;
    if !group.is_empty() || *exact_groups {
        let joined = Cell::lines(&done.groups_joined);
        shown = shown.with("groups_joined", &done.groups_joined, "groups joined", joined)?;
    }
    if *exact_groups {
        let left = Cell::lines(&done.groups_left);
        shown = shown.with("groups_left", &done.groups_left, "groups left", left)?;
    }
    Ok(shown.with_data("warnings", &warnings)?.report()?.with_warnings(warnings))
}
