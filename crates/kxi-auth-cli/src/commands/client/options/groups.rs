//! Options that select the groups of a service account.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct GroupsArgs {
    /// A group that the service account is to be a member of, by its path, such as `/market-data/feeds`. Can be
    /// repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) group: Vec<String>,

    /// Leave all other groups.
    #[arg(long)]
    pub(crate) exact_groups: bool,
}
