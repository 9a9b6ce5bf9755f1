//! Signing in, as administrator and as a client.

crate::replays! {
    a_wrong_password_is_tried_once: "wrong-password", 0;
    an_unknown_realm_is_named: "unknown-realm", 3;
    an_unknown_admin_realm_is_named: "unknown-admin-realm", 0;
    a_registered_clients_secret_signs_in: "client-token", 4;
}
