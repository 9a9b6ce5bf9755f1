use crate::error::{Error, Hint, RequestLine, is_passing};

impl Error {
    /// The request that failed: its method, its path and, if a gateway assigned one, its ID. `None` if
    /// nothing was sent, or if no single request caused the error.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// if let Err(error) = manager.all_roles().await {
    ///     let id = error.request().and_then(|request| request.request_id.as_deref());
    ///     eprintln!("{error} (request {})", id.unwrap_or("without an ID"));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn request(&self) -> Option<&RequestLine> {
        match self {
            Self::Connection { request, .. }
            | Self::Tls { request, .. }
            | Self::Timeout { request, .. }
            | Self::Unauthorized { request, .. }
            | Self::Forbidden { request, .. }
            | Self::Rejected { request, .. }
            | Self::AdminApiNotFound { request, .. }
            | Self::NotKeycloak { request, .. }
            | Self::Server { request, .. }
            | Self::UnexpectedResponse { request, .. }
            | Self::ResponseTooLarge { request, .. }
            | Self::Protocol { request, .. } => Some(request),
            Self::Incomplete(incomplete) => incomplete.cause.request(),
            Self::NotFound { request, .. }
            | Self::NotVisible { request, .. }
            | Self::RealmNotFound { request, .. }
            | Self::Conflict { request, .. }
            | Self::TokenRetrieval { request, .. } => request.as_ref(),
            _ => None,
        }
    }

    /// What to do about the error, if that is known. The error's message does not repeat it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// if let Err(error) = manager.all_roles().await {
    ///     eprintln!("error: {error}");
    ///     if let Some(hint) = error.hint() {
    ///         eprintln!("hint: {hint}");
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::MissingParameter { parameter, variable } => {
                Some(Hint::SetParameter { parameter, variable })
            }
            Self::InvalidParameter { hint, .. }
            | Self::Tls { hint, .. }
            | Self::NotFound { hint, .. }
            | Self::RealmNotFound { hint, .. }
            | Self::TokenRetrieval { hint, .. }
            | Self::Rejected { hint, .. }
            | Self::Conflict { hint, .. }
            | Self::NotAServiceAccount { hint, .. } => *hint,
            Self::Incomplete(incomplete) => incomplete.hint,
            Self::EndpointNotFound { hint, .. } | Self::Forbidden { hint, .. } => Some(*hint),
            Self::Connection { proxy: Some(_), .. } | Self::Timeout { proxy: Some(_), .. } => {
                Some(Hint::CheckProxy)
            }
            Self::Connection { .. } | Self::NotStarted { .. } => Some(Hint::CheckConnection),
            Self::AdminApiNotFound { .. } => Some(Hint::SetAdminUrl),
            // A gateway can let sign-ins through and not the Admin API.
            Self::NotKeycloak { request, .. } if request.template.starts_with("/admin/") => {
                Some(Hint::SetAdminUrl)
            }
            Self::NotKeycloak { .. } | Self::UnexpectedResponse { .. } => Some(Hint::CheckGateway),
            Self::ResponseTooLarge { .. } => Some(Hint::RaiseResponseLimit),
            Self::Timeout { .. } => Some(Hint::RaiseTimeout),
            Self::NotVisible { .. } => Some(Hint::CheckPermissions),
            Self::UnknownRoles { unknown, .. } if unknown.is_empty() => Some(Hint::ListClients),
            Self::UnknownRoles { unknown, .. } if unknown.iter().all(|role| role.client.is_some()) => {
                Some(Hint::ListClientRoles)
            }
            Self::UnknownRoles { .. } => Some(Hint::ListRoles),
            Self::UnknownGroups(_) => Some(Hint::CheckGroups),
            Self::HttpClient { .. } => Some(Hint::InstallCertificates),
            Self::Builtin { .. } => Some(Hint::AllowBuiltin),
            Self::MasterRoles { .. } => Some(Hint::AllowMasterRoles),
            Self::OwnClient { .. } => Some(Hint::AllowSelf),
            Self::BadStoredData { what, .. } => (*what == "client").then_some(Hint::ReplaceClient),
            Self::Unauthorized { .. }
            | Self::Server { .. }
            | Self::Protocol { .. }
            | Self::Cancelled
            | Self::Blocking { .. }
            | Self::Randomness { .. } => None,
        }
    }

    /// Whether the client, realm or role does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) -> Result<(), kxi_auth_core::Error> {
    /// match manager.get_client("my-service").await {
    ///     Err(error) if error.is_not_found() => println!("not registered yet"),
    ///     outcome => println!("{}", outcome?),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(
            self.root(),
            Self::NotFound { .. }
                | Self::RealmNotFound { .. }
                | Self::UnknownRoles { .. }
                | Self::UnknownGroups(_)
        )
    }

    /// Whether the name is taken, the client belongs to another owner, other requests kept changing the same
    /// thing, or the server stored the client so that it cannot sign in as asked.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let taken = manager.register_new_client("my-service").await.is_err_and(|error| error.is_conflict());
    /// # }
    /// ```
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.root(), Self::Conflict { .. })
    }

    /// Whether the sign-in failed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let wrong = manager.all_roles().await.is_err_and(|error| error.is_unauthorized());
    /// # }
    /// ```
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.root(), Self::TokenRetrieval { .. } | Self::Unauthorized { .. })
    }

    /// Whether the signed-in admin lacks a permission, or does not see the client if it exists.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let denied = manager.all_roles().await.is_err_and(|error| error.is_forbidden());
    /// # }
    /// ```
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self.root(), Self::Forbidden { .. } | Self::NotVisible { .. })
    }

    /// Whether the caller's parameters are at fault. Nothing was changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = kxi_auth_core::ClientManager::builder().build().unwrap_err();
    /// assert!(error.is_usage());
    /// ```
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::MissingParameter { .. }
                | Self::InvalidParameter { .. }
                | Self::Builtin { .. }
                | Self::MasterRoles { .. }
                | Self::OwnClient { .. }
        )
    }

    /// Whether the same call may succeed later although nothing is changed: the server could not be reached or did not
    /// respond in time, it limits the rate of requests (429), it or a gateway is unavailable (502 to 504), other
    /// requests changed the same thing at the same time, or the operation was cancelled.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let again = manager.register_client("my-service").await.is_err_and(|error| error.is_temporary());
    /// # }
    /// ```
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self.root() {
            Self::Connection { .. } | Self::Timeout { .. } | Self::Cancelled | Self::NotStarted { .. } => {
                true
            }
            Self::Server { status, .. } => is_passing(*status),
            Self::Conflict { hint, .. } => *hint == Some(Hint::TryAgain),
            _ => false,
        }
    }

    /// Whether Keycloak could not be reached, did not respond in time or failed, or a response cannot be used. [`is_temporary`](Self::is_temporary) says
    /// whether the same call may succeed later.
    ///
    /// This includes [`Tls`](Self::Tls), [`EndpointNotFound`](Self::EndpointNotFound),
    /// [`AdminApiNotFound`](Self::AdminApiNotFound), [`NotKeycloak`](Self::NotKeycloak), [`Protocol`](Self::Protocol)
    /// and [`UnexpectedResponse`](Self::UnexpectedResponse), although for these a
    /// certificate, an address or a gateway usually has to be corrected first.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn f(manager: kxi_auth_core::ClientManager) {
    /// let later = manager.all_roles().await.is_err_and(|error| error.is_unavailable());
    /// # }
    /// ```
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self.root(),
            Self::Connection { .. }
                | Self::Tls { .. }
                | Self::Timeout { .. }
                | Self::Server { .. }
                | Self::EndpointNotFound { .. }
                | Self::AdminApiNotFound { .. }
                | Self::NotKeycloak { .. }
                | Self::Protocol { .. }
                | Self::UnexpectedResponse { .. }
                | Self::NotStarted { .. }
        )
    }

    /// The error that ended an operation which was carried out in part, or else the error itself.
    pub(crate) fn root(&self) -> &Self {
        match self {
            Self::Incomplete(incomplete) => incomplete.cause.root(),
            error => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_request_itself_is_not_temporary() {
        let request = || RequestLine::new("PUT", "/x", &[]);
        let server =
            |status| Error::Server { request: request(), status, message: String::new(), retry_after: None };
        let conflict = |hint| Error::Conflict {
            what: "client",
            name: "svc".to_owned(),
            reason: String::new(),
            hint,
            request: None,
        };
        for (error, expected) in [
            (server(429), true),
            (server(500), false),
            (server(501), false),
            (server(503), true),
            (Error::timeout(request(), std::time::Duration::ZERO), true),
            (Error::Cancelled, true),
            (conflict(Some(Hint::TryAgain)), true),
            (conflict(Some(Hint::RegisterClient)), false),
            (Error::Rejected { request: request(), status: 400, message: String::new(), hint: None }, false),
            (Error::invalid("config", "no"), false),
        ] {
            assert_eq!(error.is_temporary(), expected, "{error}");
        }
    }
}
