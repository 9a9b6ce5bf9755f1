//! Roles of the realm and of service accounts.

// After one request that finds the client.
crate::replays! {
    roles_under_auth: "role-list", 1;
    roles_at_the_root: "role-list-at-root", 1;
    // Roles, user, mapped roles, mapping.
    assigning_is_four_requests: "assign-roles", 5;
    revoking_is_four_requests: "revoke-roles", 5;
    reading_them_is_two_requests: "client-roles", 3;
    details_come_with_the_client: "client-details", 3;
    a_service_account_that_is_off_is_told: "client-roles-service-account-off", 2;
}
