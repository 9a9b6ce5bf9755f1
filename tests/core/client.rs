//! Finding, listing and deleting clients, and listing roles.

crate::replays! {
    a_short_list_is_one_request: "client-list", 1;
    getting_a_client_is_one_request: "client-get", 2;
    deleting_by_id_finds_the_uuid_first: "client-delete", 3;
    deleting_by_uuid: "client-delete-by-uuid", 3;
    roles_under_auth: "role-list", 1;
    roles_at_the_root: "role-list-at-root", 1;
}
