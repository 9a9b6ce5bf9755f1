//! `role list`

use kxi_auth_core::Role;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    description: Option<&'a str>,
    composite: bool,
}

pub(crate) async fn run(context: &Context<'_>) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    report(&context.during("listing the roles", manager.all_roles()).await?)
}

/// A report of roles.
pub(in crate::commands) fn report(roles: &[Role]) -> Result<Report, Failure> {
    let shown: Vec<Listed<'_>> = roles
        .iter()
        .map(|role| Listed {
            name: &role.name,
            description: role.description.as_deref(),
            composite: role.composite,
        })
        .collect();
    let rows = shown.iter().map(|role| {
        let composite = if role.composite { "yes" } else { "no" };
        [role.name.into(), composite.into(), role.description.unwrap_or_default().into()]
    });
    let table = Table::rows(["role", "composite", "description"], rows);
    Report::new(&shown, table)
}
