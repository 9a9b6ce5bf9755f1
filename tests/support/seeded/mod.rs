//! Seeded faults: a number decides what the command is to do, and what befalls its requests on the way to a real
//! Keycloak. What it then says is compared with what is stored and delivered.

mod beside;
mod bulk;
mod claims;
mod declaration;
mod delivered;
mod draw;
mod facts;
mod kill;
mod killable;
mod kind;
mod lane;
mod likeness;
mod many;
mod output;
mod report;
mod run;
mod scenario;
mod schedule;
mod secrets;
mod sent;
mod steps;
mod stored;
mod tally;
mod verdict;
mod wanted;

pub use facts::Ended;
pub use kill::{Control, Killed, kill_command, kill_server, owners, twice};
pub use lane::Lane;
pub use many::many;
pub use run::{Report, run};
pub use tally::Tally;
