use std::fmt;
use std::iter::FusedIterator;
use std::sync::mpsc::{Receiver, channel};

use futures_util::StreamExt as _;
use tokio::task::AbortHandle;

use crate::blocking::runtime;
use crate::clients::list::ListClients;
use crate::error::Error;
use crate::model::auth_client::AuthClient;

/// The clients of a realm one after another, without async. Nothing is requested before the first
/// [`next`](Iterator::next). After that it reads ahead while the caller is busy, so a slow caller loses nothing. Nothing
/// is requested after it is dropped. It ends after an error.
///
/// Created by iterating over a [`ListClients`] of a blocking manager. With a request of an async manager it returns
/// [`Error::Blocking`].
///
/// # Examples
///
/// ```no_run
/// use kxi_auth_core::blocking::ClientManager;
///
/// let manager = ClientManager::from_env()?;
/// for client in manager.list_clients().with_secret(false) {
///     println!("{}", client?);
/// }
/// # Ok::<(), kxi_auth_core::Error>(())
/// ```
#[must_use = "nothing is sent until it is read"]
pub struct ClientIter(State);

enum State {
    NotBegun(ListClients),
    Reading(Reader),
    Ended,
}

/// Stops reading when it is dropped.
struct Reader {
    clients: Receiver<Result<AuthClient, Error>>,
    task: AbortHandle,
}

impl Reader {
    fn start(list: ListClients) -> Result<Self, Error> {
        let (sender, clients) = channel();
        let runtime = runtime::handle_for(&list.manager)?;
        let mut stream = list.stream();
        let task = runtime.spawn(async move {
            while let Some(client) = stream.next().await {
                if sender.send(client).is_err() {
                    break;
                }
            }
        });
        Ok(Self { clients, task: task.abort_handle() })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Iterator for ClientIter {
    type Item = Result<AuthClient, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match std::mem::replace(&mut self.0, State::Ended) {
                State::NotBegun(list) => match Reader::start(list) {
                    Ok(reader) => self.0 = State::Reading(reader),
                    Err(error) => return Some(Err(error)),
                },
                State::Reading(reader) => {
                    if let Err(error) = runtime::handle() {
                        return Some(Err(error));
                    }
                    let next = reader.clients.recv().ok()?;
                    if next.is_ok() {
                        self.0 = State::Reading(reader);
                    }
                    return Some(next);
                }
                State::Ended => return None,
            }
        }
    }
}

impl FusedIterator for ClientIter {}

/// For programs without async: `for client in manager.list_clients()`.
impl IntoIterator for ListClients {
    type Item = Result<AuthClient, Error>;
    type IntoIter = ClientIter;

    fn into_iter(self) -> ClientIter {
        ClientIter(State::NotBegun(self))
    }
}

impl fmt::Debug for ClientIter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIter").finish_non_exhaustive()
    }
}
