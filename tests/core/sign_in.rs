//! Signing in, as administrator and as a client.

crate::replays! {
    a_wrong_password_is_tried_once: "wrong-password", 0;
    an_unknown_realm_is_named: "unknown-realm", 3;
    an_unknown_admin_realm_is_named: "unknown-admin-realm", 0;
    a_disabled_account_is_told: "account-disabled", 0;
    an_account_that_is_not_set_up_is_told: "account-not-set-up", 0;
    a_client_administrates: "admin-client", 1;
    an_administrating_clients_wrong_secret_is_told: "admin-client-wrong-secret", 0;
    an_administrating_client_without_service_account_is_told: "admin-client-service-account-off", 0;
    a_stored_secret_signs_in: "client-token-stored", 1;
    a_registered_clients_secret_signs_in: "client-token", 5;
}
