use std::fmt;

/// Method and path of a request, as an error names it: `GET /admin/realms/insights/clients`, with the
/// id that a gateway gave the request where its answer had one (`X-Request-Id`).
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
    /// The path below Keycloak's base address, without the query. Ids in it are not encoded.
    pub path: String,
    /// The id that a gateway gave the request (`X-Request-Id` of its answer), at most 128 characters.
    pub request_id: Option<String>,
    /// The path with placeholders for what is in it, for traces.
    pub(crate) template: &'static str,
}

impl RequestLine {
    /// `template` is the path with `{placeholders}`, which `values` replace in their order.
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

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path can hold an id that the server gave: a control character must not reach a terminal.
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
