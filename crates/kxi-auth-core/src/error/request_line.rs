use std::fmt;

/// The method and path of a request, as an error shows them: `GET /admin/realms/insights/clients`. If the
/// response carried the ID that a gateway assigned to the request (`X-Request-Id`), it includes that ID.
///
/// # Examples
///
/// ```
/// # use kxi_auth_core::Error;
/// fn request_of(error: &Error) -> Option<String> {
///     match error {
///         Error::Rejected { request, .. } => Some(request.to_string()),
///         _ => None,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestLine {
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path below Keycloak's base address, without the query. IDs in it are not percent-encoded.
    pub path: String,
    /// The ID that a gateway assigned to the request (`X-Request-Id` of the response), cut to 128 characters.
    pub request_id: Option<String>,
    /// The path with placeholders in place of names and IDs, for traces.
    pub(crate) template: &'static str,
}

impl RequestLine {
    /// `template` is the path with `{placeholders}`. `values` replace them in order.
    pub(crate) fn new(method: &'static str, template: &'static str, values: &[&str]) -> Self {
        let mut path = String::with_capacity(template.len());
        let mut values = values.iter();
        for segment in template.split('/').skip(1) {
            path.push('/');
            path.push_str(if segment.starts_with('{') { values.next().unwrap_or(&segment) } else { segment });
        }
        Self { method, path, request_id: None, template }
    }
}

impl RequestLine {
    /// What the message of an unreadable success adds if the request was to change something. A sign-in changes nothing.
    pub(crate) fn doubt(&self) -> &'static str {
        let changes = self.method != "GET" && self.template.starts_with("/admin/");
        if changes { "; the server may or may not have carried out the request" } else { "" }
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path can contain an ID from the server. Its control characters must not reach a terminal.
        write!(f, "{} {}", self.method, self.path.escape_debug())?;
        match &self.request_id {
            Some(id) => write!(f, " (request {})", id.escape_debug()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_names_what_was_asked() {
        let line = RequestLine::new("GET", "/admin/realms/{realm}/clients/{client-uuid}", &["a/b", "u\n1"]);
        assert_eq!(line.to_string(), "GET /admin/realms/a/b/clients/u\\n1");
        let behind_a_gateway = RequestLine { request_id: Some("r1".to_owned()), ..line };
        assert!(behind_a_gateway.to_string().ends_with("(request r1)"));
    }
}
