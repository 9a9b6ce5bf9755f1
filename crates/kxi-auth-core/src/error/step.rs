/// A step of an operation that changes a client: see [`Incomplete`](crate::Incomplete), which has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The client is created, with its secret.
    Create,
    /// Fields of the client are changed, and its secret is kept.
    Update,
    /// The client gets a new secret, and perhaps other fields are changed with it.
    SetSecret,
    /// Roles are assigned.
    AssignRoles,
    /// Roles are revoked: those that were named, or all others.
    RevokeRoles,
    /// The service account joins groups.
    JoinGroups,
    /// The service account leaves the groups that were not named.
    LeaveGroups,
    /// The client is deleted.
    Delete,
    /// The client can sign in with its secret. It is not tried: what the server stored shows that it cannot.
    SignIn,
}

impl Step {
    fn done(self) -> &'static str {
        match self {
            Self::Create => "was created",
            Self::Update => "was changed",
            Self::SetSecret => "has the new secret",
            Self::AssignRoles => "has the roles",
            Self::RevokeRoles => "lost the revoked roles",
            Self::JoinGroups => "is in the groups",
            Self::LeaveGroups => "left the other groups",
            Self::Delete => "was deleted",
            Self::SignIn => "can sign in with its secret",
        }
    }

    fn open(self, in_doubt: bool) -> &'static str {
        match self {
            Self::Create if in_doubt => "may have been created",
            Self::Create => "was not created",
            Self::Update if in_doubt => "may have been changed",
            Self::Update => "was not changed",
            Self::SetSecret if in_doubt => "may have the new secret",
            Self::SetSecret => "does not have the new secret",
            // One of several requests may have succeeded.
            Self::AssignRoles => "may not have all of the roles yet",
            Self::RevokeRoles => "may still have roles that were to be revoked",
            Self::JoinGroups => "may not be in all of the groups yet",
            Self::LeaveGroups => "may still be in groups that it was to leave",
            Self::Delete if in_doubt => "may have been deleted",
            Self::Delete => "was not deleted",
            Self::SignIn => "cannot sign in with its secret",
        }
    }
}

/// What was done and what was not, after the name of the client.
pub(super) fn progress(done: &[Step], failed: Step, in_doubt: bool, steps: usize) -> String {
    let open = failed.open(in_doubt);
    if done.is_empty() {
        return open.to_owned();
    }
    let count = done.len();
    let done: Vec<&str> = done.iter().map(|step| step.done()).collect();
    let done = done.join(" and ");
    if failed == Step::SignIn {
        // No request is missing.
        return format!("{done}, but {open}");
    }
    format!("{done}, but {open} ({count} of {steps} steps done)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_comes_before_what_was_not() {
        assert_eq!(progress(&[], Step::SetSecret, true, 1), "may have the new secret");
        assert_eq!(
            progress(&[Step::Create], Step::SignIn, false, 2),
            "was created, but cannot sign in with its secret"
        );
        assert_eq!(
            progress(&[Step::Create], Step::AssignRoles, false, 2),
            "was created, but may not have all of the roles yet (1 of 2 steps done)"
        );
        assert_eq!(
            progress(&[Step::Update, Step::AssignRoles], Step::RevokeRoles, true, 3),
            "was changed and has the roles, but may still have roles that were to be revoked (2 of 3 steps done)"
        );
    }
}
