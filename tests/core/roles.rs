//! Roles of the realm and of service accounts.

// After one request that finds the client.
crate::replays! {
    roles_under_auth: "role-list", 1;
    roles_at_the_root: "role-list-at-root", 1;
    // Roles, user, mapped roles, mapping.
    assigning_is_four_requests: "assign-roles", 5;
    // Client, roles of the client, user, mapped roles, mapping.
    assigning_client_roles_reads_the_client: "assign-client-roles", 6;
    revoking_is_four_requests: "revoke-roles", 5;
    // Client, user, mapped roles.
    reading_them_is_three_requests: "client-roles", 4;
    // Client, user, whether the list of users is whole.
    a_deleted_account_has_no_roles_and_is_not_made_again: "client-roles-deleted-account", 4;
    details_come_with_the_client: "client-details", 5;
    a_service_account_that_is_off_is_told: "client-roles-service-account-off", 2;
}
