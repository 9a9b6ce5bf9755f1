/// Whether the status means that the server, or a gateway in front of it, temporarily cannot handle the
/// request: it is unavailable (502 to 504), or it limits the rate of requests (429, RFC 6585, section 4).
/// Both may send `Retry-After`.
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 502..=504)
}
