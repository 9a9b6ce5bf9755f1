//! An admin with fine-grained permissions for some clients only: what a whole realm is to show is incomplete.

use serde_json::json;

use crate::command::desk::{Desk, finish};
use crate::setup::{delegate, manager};

const PASSWORD: &str = "the realm admin's password";

#[tokio::test]
async fn an_incomplete_list_of_the_realm_is_a_warning() {
    let desk = Desk::new().await;
    let client = manager(&desk.realm).register_new_client("one").await.unwrap();
    let sees_some = delegate(&desk.realm, PASSWORD, &[client.uuid.to_string()]).await;
    desk.declare("feeds", &json!([{"id": "one", "roles": "none"}]));
    let warning = "this user seems to see only some of the realm's clients";
    let words = ["plan", "-f", "clients.yaml", "--prune"];
    let whole = desk.run(&words).await;
    assert!(whole.code == 0 && !whole.stderr.contains(warning), "{}", whole.stderr);
    let mut command = desk.command(&desk.realm.server().host(), &words);
    command.env("INSIGHTS_ADMIN_REALM", desk.realm.name());
    command.env("INSIGHTS_ADMIN_USERNAME", "delegate").env("INSIGHTS_ADMIN_PASSWORD", PASSWORD);
    let filtered = finish(command).await;
    if sees_some {
        assert!(filtered.code == 0 && filtered.stderr.contains(warning), "{}", filtered.stderr);
    } else {
        // Who sees none is not shown a plan that lacks what there is.
        assert!(filtered.code == 4 && filtered.stdout.is_empty(), "{}", filtered.stderr);
    }
    desk.realm.delete().await.unwrap();
}
