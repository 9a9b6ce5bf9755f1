//! Finding, listing and deleting clients.

// Where a client is given by uuid, one request before has found it.
crate::replays! {
    a_short_list_is_one_request: "client-list", 1;
    // One that is there, and two to be sure that there is none.
    listing_by_id_is_one_request_and_one_more_for_none: "client-list-by-id", 3;
    getting_a_client_is_one_request: "client-get", 1;
    // Whether clients are visible at all is asked as well.
    a_missing_client_is_two_requests: "client-get-missing", 2;
    a_hidden_client_is_told_from_a_missing_one: "client-get-hidden", 3;
    // Find and delete; then find, and whether clients are visible.
    deleting_by_id_finds_the_uuid_first: "client-delete", 4;
    // Read for the guard and delete; then read.
    deleting_by_uuid_is_two_requests: "client-delete-by-uuid", 4;
    a_builtin_client_is_not_deleted: "client-delete-builtin", 2;
    deleting_by_uuid_without_guard_is_one_request: "client-delete-unguarded", 3;
    // Find; read and update; read and rotate; find and delete; roles, user, mapped roles.
    each_refused_write_names_the_role: "client-write-without-permission", 10;
}
