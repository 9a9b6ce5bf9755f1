//! `role …`

pub(super) mod list;
