//! `register_client`.

// Admin requests come after the probe of the base path and the token.
crate::replays! {
    // Roles, create, a read of what was stored, service account's user, mapping.
    a_new_client_with_all_roles_takes_five_requests: "register-new", 5;
    // The five of the first, then: roles, a create that meets a 409, find, user, mapped roles.
    registering_again_changes_nothing: "register-again", 10;
    // The same, and a PUT, a read of what was stored and one of the realm; the same, and a mapping.
    a_repeat_that_differs_takes_a_put_and_a_read_more: "register-again-lifespan", 13;
    a_repeat_with_another_role_takes_one_mapping_more: "register-again-role", 11;
    // The realm, for its default role; what the role holds; and the client that what it holds belongs to.
    a_role_that_administers_the_realm_is_a_warning: "register-composite-role", 8;
    // Create, read, and the realm for its limits; then a create that meets a 409, and a find.
    register_new_client_is_a_create_and_a_read_and_adopts_nothing: "register-new-client", 5;
    what_the_server_rejects_is_said_in_its_words: "register-invalid-redirect", 1;
    a_new_client_with_named_roles: "register-named-roles", 5;
    a_new_client_without_roles_is_a_create_and_a_read: "register-no-roles", 2;
    a_service_account_that_is_off_is_turned_on: "register-service-account-off", 8;
    another_secret_is_set: "register-other-secret", 4;
    unknown_roles_are_all_named_and_nothing_is_written: "register-unknown-role", 1;
    // Roles, a create that meets a 409, find, whether clients are visible at all, the user, and other spellings.
    a_user_with_the_service_accounts_name_is_a_conflict: "register-taken-by-user", 6;
    another_spelling_is_a_conflict: "register-taken-by-spelling", 6;
    a_public_client_is_left_as_it_is: "register-public-client", 3;
    without_permission_each_refusal_is_told: "register-without-permission", 3;
}
