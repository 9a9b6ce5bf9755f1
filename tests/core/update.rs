//! `update_client` and `rotate_secret`.

// After one request that finds the client.
crate::replays! {
    another_secret_is_a_read_and_a_put: "update-secret", 3;
    another_lifespan_is_a_read_and_a_put: "update-lifespan", 3;
    another_config_is_a_read_and_a_put: "update-config", 3;
    nothing_is_put_when_nothing_differs: "update-nothing", 2;
    // Find and delete; then a read, and the read of a rotation.
    a_client_that_is_gone_is_told: "update-missing", 4;
    rotating_is_a_read_and_a_put: "rotate-secret", 3;
}
