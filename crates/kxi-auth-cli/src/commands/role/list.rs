//! `role list`, and the roles that other commands list

use kxi_auth_core::Role;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Report, Table};

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    description: Option<&'a str>,
    composite: bool,
}

/// A role of a service account.
#[derive(Serialize)]
struct Assigned<'a> {
    client: Option<&'a str>,
    #[serde(flatten)]
    role: Listed<'a>,
}

impl<'a> Listed<'a> {
    fn new(role: &'a Role) -> Self {
        let description = role.description.as_deref();
        Self { name: &role.name, description, composite: role.composite }
    }

    fn cells(&self) -> [Cell; 3] {
        let composite = if self.composite { "yes" } else { "no" };
        [self.name.into(), composite.into(), self.description.unwrap_or_default().into()]
    }
}

pub(crate) async fn run(context: &Context<'_>, client: Option<&str>) -> Result<Report, Failure> {
    let manager = context.manager().await?;
    let roles = context.during("listing the roles", async {
        match client {
            Some(client) => manager.roles_of_client(client).await,
            None => manager.all_roles().await,
        }
    });
    let roles = roles.await?;
    let shown: Vec<Listed<'_>> = roles.iter().map(Listed::new).collect();
    let table = Table::rows(["role", "composite", "description"], shown.iter().map(Listed::cells));
    Report::new(&shown, table)
}

/// A report of the roles of a service account, each with its client.
pub(in crate::commands) fn of_account(roles: &[Role]) -> Result<Report, Failure> {
    let shown: Vec<Assigned<'_>> = roles
        .iter()
        .map(|role| Assigned { client: role.client.as_deref(), role: Listed::new(role) })
        .collect();
    let rows = shown.iter().map(|assigned| {
        let [name, composite, description] = assigned.role.cells();
        [assigned.client.unwrap_or("-").into(), name, composite, description]
    });
    let table = Table::rows(["client", "role", "composite", "description"], rows);
    Report::new(&shown, table)
}
