//! `update_client` and `rotate_secret`.

// After one request that finds the client.
crate::replays! {
    // A lifespan also takes a read of the realm, for its limits.
    another_secret_is_a_put_between_two_reads: "update-secret", 4;
    another_lifespan_is_a_put_between_two_reads: "update-lifespan", 5;
    another_config_is_a_put_between_two_reads: "update-config", 4;
    nothing_is_put_when_nothing_differs: "update-nothing", 3;
    // Find and delete; then a read for the update, and one for the rotation.
    a_client_that_is_gone_is_told: "update-missing", 4;
    rotating_is_a_put_between_two_reads: "rotate-secret", 4;
}
