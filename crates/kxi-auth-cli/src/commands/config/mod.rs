//! `config …`

pub(super) mod path;
pub(super) mod show;
