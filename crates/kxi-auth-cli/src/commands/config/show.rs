//! `config show`

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Report, Table};

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    value: Option<String>,
    source: String,
    variable: Option<&'static str>,
}

pub(crate) fn run(context: &Context<'_>) -> Result<Report, Failure> {
    let settings = context.settings()?;
    let shown: Vec<Shown> = settings
        .iter()
        .map(|resolved| Shown {
            name: resolved.setting.name,
            value: resolved.shown(),
            source: resolved.source.to_string(),
            variable: resolved.setting.variable,
        })
        .collect();
    let rows = shown.iter().map(|setting| {
        let value = setting.value.clone().unwrap_or_else(|| "-".to_owned());
        let source = if setting.value.is_none() { "not set".to_owned() } else { setting.source.clone() };
        [setting.name.into(), value.into(), source.into()]
    });
    let table = Table::rows(["setting", "value", "source"], rows);
    Report::new(&shown, table)
}
