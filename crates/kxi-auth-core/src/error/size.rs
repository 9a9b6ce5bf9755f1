/// Which limit a response exceeds, for a message. `limit` is in bytes.
pub(super) fn excess(limit: usize, decoded: bool) -> String {
    let limit = match limit / (1024 * 1024) {
        0 => format!("{limit} bytes"),
        whole => format!("{whole} MiB"),
    };
    if decoded {
        format!("its content takes more than {limit} of memory")
    } else {
        format!("its body is longer than {limit}")
    }
}
