//! `register_client`.

// Admin requests come after the probe of the base path and the token.
crate::replays! {
    // Create, service account's user, roles, mapping.
    a_new_client_with_all_roles_takes_four_requests: "register-new", 4;
    // The four of the first, then: roles, a create that meets a 409, find, user, mapped roles.
    registering_again_changes_nothing: "register-again", 9;
    a_new_client_with_named_roles: "register-named-roles", 4;
    a_new_client_without_roles_is_one_request: "register-no-roles", 1;
    a_service_account_that_is_off_is_turned_on: "register-service-account-off", 7;
    another_secret_is_set: "register-other-secret", 3;
    unknown_roles_are_all_named_and_nothing_is_written: "register-unknown-role", 1;
    a_user_with_the_service_accounts_name_is_a_conflict: "register-taken-by-user", 3;
    another_spelling_is_a_conflict: "register-taken-by-spelling", 3;
    a_public_client_is_left_as_it_is: "register-public-client", 3;
    without_permission_each_refusal_is_told: "register-without-permission", 3;
}
