//! Reads the clients of the realm page by page, for a listing and for bulk work.

use std::future::Future;

use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use crate::clients::paging::Pages;
use crate::error::{Error, RequestLine};
use crate::manager::ClientManager;
use crate::model::stored_client::StoredClient;

/// One page of the realm's clients.
pub(super) async fn page(
    manager: &ClientManager,
    first: usize,
    max: usize,
) -> Result<Vec<StoredClient>, Error> {
    let page = manager.api().list_clients(first, max).await?;
    // Every realm has clients of Keycloak's own, so an empty first page means that the server hides them.
    if first == 0 && page.is_empty() { Err(manager.api().hidden_clients().await) } else { Ok(page) }
}

/// The entries that `source` returns, read in pages. `key` identifies an entry.
pub(super) fn pages<T, S, F>(manager: &ClientManager, source: S, key: fn(&T) -> &str) -> Pages<T>
where
    T: Send + 'static,
    S: Fn(usize, usize) -> F + Send + 'static,
    F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    let line = manager.api().clients_line();
    let (request, host) = (line.clone(), manager.connection().server.clone());
    let in_tasks = move |first, max| {
        in_a_task(source(first, max).instrument(Span::current()), request.clone(), host.clone())
    };
    Pages::new(in_tasks, key, line)
}

/// Runs the request of a page in a task of its own, so that the response keeps arriving while the reader is busy with
/// the page before; otherwise it could time out. Dropping the future aborts the task.
async fn in_a_task<T: Send + 'static>(
    page: impl Future<Output = Result<T, Error>> + Send + 'static,
    request: RequestLine,
    host: String,
) -> Result<T, Error> {
    let mut task = JoinSet::new();
    task.spawn(page);
    let ended = task.join_next().await.and_then(|outcome| match outcome {
        Ok(page) => Some(page),
        // A panic continues where it would have gone without a task.
        Err(failure) => failure.try_into_panic().ok().map(|panic| std::panic::resume_unwind(panic)),
    });
    ended.unwrap_or_else(|| {
        let reason = "the async runtime that waits for the response was shut down".to_owned();
        Err(Error::Connection { request, host, proxy: None, reason, source: None })
    })
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::task::Poll;

    use super::*;

    fn in_a_task_of_its_own<T: Send + 'static>(
        page: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> + Send {
        in_a_task(page, RequestLine::new("GET", "/clients", &[]), "https://x".to_owned())
    }

    #[tokio::test]
    async fn each_page_is_read_in_a_task_of_its_own() {
        let password = secrecy::SecretString::from("hunter2");
        let builder = ClientManager::builder().host("https://x").username("a").password(password);
        let source =
            |_, _| async { Ok(vec![tokio::task::try_id().map_or_else(String::new, |id| id.to_string())]) };
        let mut pages = pages(&builder.build().unwrap(), source, |id: &String| id.as_str());
        let page = poll_fn(|context| pages.poll_page(context)).await.unwrap().unwrap();
        assert!(!page[0].is_empty(), "no task");
    }

    #[tokio::test]
    async fn a_panic_in_a_page_goes_on() {
        let page = in_a_task_of_its_own::<()>(async { panic!("a fault of ours") });
        let panic = tokio::spawn(page).await.unwrap_err().into_panic();
        assert_eq!(*panic.downcast::<&str>().unwrap(), "a fault of ours");
    }

    #[test]
    fn a_runtime_that_is_shut_down_is_no_cancelled_bulk() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut page = Box::pin(in_a_task_of_its_own::<()>(pending()));
        let gone = runtime();
        let begun = gone.block_on(poll_fn(|context| Poll::Ready(page.as_mut().poll(context).is_pending())));
        assert!(begun, "it waits");
        drop(gone);
        let error = runtime().block_on(page).unwrap_err();
        assert!(matches!(error, Error::Connection { .. }), "{error}");
        assert!(error.to_string().contains("shut down"), "{error}");
    }
}
