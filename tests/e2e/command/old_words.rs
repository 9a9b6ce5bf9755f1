//! The words of earlier tools still do what they did.

use serde_json::json;

use crate::command::run::{done, names};
use crate::setup::realm;

#[tokio::test]
async fn the_words_of_old_hands() {
    let realm = realm().await;
    assert_eq!(done(&realm, &["create-client", "svc"]).await["created"], json!(true));
    let assign = ["user", "assign-roles", "service-account-svc", "--roles", "insights.query.data"];
    assert_eq!(names(&done(&realm, &assign).await["roles_added"]), ["insights.query.data"]);
    assert!(done(&realm, &["user", "get-available-roles"]).await.as_array().unwrap().len() > 4);
    assert_eq!(done(&realm, &["get-client-secret", "svc"]).await["secret"], json!("********"));
    let secret = done(&realm, &["user", "get-client-secret", "svc", "--show-secret"]).await;
    assert!(secret["secret"].as_str().unwrap().len() > 40);
    realm.delete().await.unwrap();
}
