//! What a create or an update collided with, when the server responds with 409. The server's message often names a
//! thing that does not exist, so each cause is checked before it is named.

use serde_json::{Map, Value};

use crate::admin::Api;
use crate::model::fields::{SERVICE_ACCOUNTS_ENABLED, is_on};
use crate::model::names::service_account_name;
use crate::model::stored_client::StoredClient;

/// A write that the server rejected with 409.
pub(crate) struct Collision<'a> {
    pub(crate) id: &'a str,
    /// The fields that were sent.
    pub(crate) sent: &'a Map<String, Value>,
    /// The client before an update. `None` for a create, after which no client with the ID was found.
    pub(crate) stored: Option<&'a StoredClient>,
    /// Whether the client of a create may exist, hidden from this admin.
    pub(crate) may_be_hidden: bool,
    /// Whether another request may have changed the client at the same time.
    pub(crate) may_be_a_race: bool,
}

impl Collision<'_> {
    /// Why the server rejected the write, with the server's own `words`. At most two requests.
    pub(crate) async fn reason(&self, api: &Api, words: &str) -> String {
        let (mut checked, mut possible) = (Vec::new(), Vec::new());
        if self.stored.is_none() {
            checked.push("this admin sees no client with this ID".to_owned());
        }
        if self.makes_a_user() {
            let user = service_account_name(self.id);
            match (api.user_named(&user).await, self.may_be_hidden) {
                // A hidden client has a user of that name too.
                (Ok(Some(_)), true) => checked.push(format!("the user name of its service account, `{user}`, is taken")),
                (Ok(Some(_)), false) => return self.taken(api, &user, words).await,
                // The list can leave users out.
                (Ok(None), _) if api.lists_every_user().await.is_ok_and(|every| every) => {
                    checked.push(format!("no user has the name of its service account, `{user}`"));
                }
                _ => possible.push(format!(
                    "the user name of its service account, `{user}`, is taken, which this admin cannot look up"
                )),
            }
        }
        possible.extend(self.mapper_ids());
        if self.stored.is_none() {
            possible.push("a client with this ID is hidden from this admin".to_owned());
        }
        if self.may_be_a_race {
            possible.push("another request changed the client at the same time".to_owned());
        }
        let parts = [
            Some(format!("the server says: {words}")),
            (!checked.is_empty()).then(|| checked.join(", and ")),
            (!possible.is_empty()).then(|| format!("possible causes: {}", possible.join(", or "))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// Whether the write creates the user of the service account.
    fn makes_a_user(&self) -> bool {
        self.stored
            .is_none_or(|stored| !stored.service_accounts() && is_on(self.sent, SERVICE_ACCOUNTS_ENABLED))
    }

    /// The reason if the service account's user exists already.
    async fn taken(&self, api: &Api, user: &str, words: &str) -> String {
        let by = match api.other_spelling(self.id).await {
            Ok(Some(other)) => format!(
                "the client `{}`, whose ID differs only in upper and lower case",
                other.escape_debug()
            ),
            _ => "a user, or by a client that this admin does not see".to_owned(),
        };
        let what = if self.stored.is_none() {
            "no client has this ID, but the user name of its service account"
        } else {
            "the service account cannot be turned on: its user name"
        };
        format!("{what}, `{user}`, is taken by {by}; choose another ID (the server says: {words})")
    }

    /// The `id`s that the write gives to mappers, other than those that the client has already.
    fn mapper_ids(&self) -> Option<String> {
        let own: Vec<&str> = self.stored.into_iter().flat_map(|stored| ids(&stored.fields)).collect();
        let new = ids(self.sent).filter(|id| !own.contains(id)).count();
        (new > 0).then(|| {
            "a protocol mapper of another client has an `id` that `protocolMappers` contains; it must be unique on \
             the whole server, so leave `id` out"
                .to_owned()
        })
    }
}

/// The `id`s of the protocol mappers.
fn ids(fields: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let mappers = fields.get("protocolMappers").and_then(Value::as_array);
    mappers.into_iter().flatten().filter_map(|mapper| mapper.get("id")?.as_str())
}
