//! The built command on a real Keycloak, one file per command or concern.

mod account;
mod apply;
mod apply_ended;
mod apply_overtaken;
mod apply_owner;
mod apply_stored;
mod bad_ids;
mod client;
pub(crate) mod desk;
mod doctor;
mod export;
mod export_left_out;
mod filtered_list;
mod hostile_text;
mod old_words;
mod own_client;
mod run;
mod sign_in;
mod terminal;
