//! What the admin may do, and how much of the realm the server shows to it.

use kxi_auth_core::{Access, Claims, Permission, Right};

use crate::doctor::check::{Check, State};
use crate::failure::{Failure, exit_code};

/// Each right that a command can need, in the library's order.
const RIGHTS: [Right; 5] =
    [Right::ViewClients, Right::ManageClients, Right::ViewRealm, Right::ViewUsers, Right::ManageUsers];

/// The name of a right's check.
pub(super) fn name(right: Right) -> String {
    format!("permission {}", right.role())
}

/// One check for each right of `who`. `claims` are those of a client's token, which shows the roles that it carries.
pub(super) fn judge(permissions: &[Permission], who: &str, claims: Option<&Claims>) -> Vec<Check> {
    let is_denied = |right| {
        permissions.iter().any(|other| other.right == right && matches!(other.access, Access::Denied { .. }))
    };
    let check = |permission: &Permission| {
        let name = name(permission.right);
        match &permission.access {
            Access::Granted => Check::ok(&name, "granted"),
            Access::Denied { reason, .. } => {
                let denied = Check::failed(&name, exit_code::FORBIDDEN, format!("denied: {reason}"));
                // The role with more rights includes this one, so one remedy is enough.
                match includes(permission.right).filter(|more| is_denied(*more)) {
                    Some(_) => denied,
                    None if claims.is_some_and(|claims| !claims.has_client_role(&permission.client, permission.right.role())) => {
                        denied.with_remedy(format!(
                            "assign {permission} to {who}; if it is assigned, the token does not carry it: turn \
                             `fullScopeAllowed` of the client on, or add the role to its scope mappings"
                        ))
                    }
                    None => denied.with_remedy(format!("assign {permission} to {who}")),
                }
            }
            Access::Unknown { reason, .. } => {
                Check::warning(&name, format!("cannot be checked without a change: {reason}"))
                    .with_remedy(format!("if such a change is denied, assign {permission} to {who}"))
            }
            _ => Check::warning(&name, "cannot be checked"),
        }
    };
    permissions.iter().map(check).collect()
}

/// The right that includes this one.
fn includes(right: Right) -> Option<Right> {
    match right {
        Right::ViewClients => Some(Right::ManageClients),
        Right::ViewUsers => Some(Right::ManageUsers),
        _ => None,
    }
}

/// All rights are skipped, because another check did not succeed.
pub(super) fn need(other: &str) -> Vec<Check> {
    RIGHTS.iter().map(|right| Check::needs(&name(*right), other)).collect()
}

/// Reading the rights failed. The first check says why.
pub(super) fn stopped(failure: &Failure) -> Vec<Check> {
    let mut checks = RIGHTS.iter().map(|right| name(*right));
    let first = checks.next().unwrap_or_default();
    let mut all = vec![Check::stopped(&first, failure)];
    all.extend(checks.map(|check| Check::needs(&check, &first)));
    all
}

/// How many clients or roles the server shows. The check `right` says whether it shows all of them.
pub(super) fn count(what: &str, found: Result<usize, Failure>, right: &Check) -> Check {
    match (found, right.state) {
        (Ok(count), State::Ok) => Check::ok(what, count.to_string()),
        (Ok(count), _) => {
            Check::warning(what, format!("{count} are shown; the server may hide others from this admin"))
        }
        (Err(failure), _) => Check::stopped(what, &failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_what_may_be_hidden() {
        let granted = Check::ok("permission view-clients", "");
        let unknown = Check::warning("permission view-clients", "");
        assert_eq!(count("clients", Ok(7), &granted).found, "7");
        let some = count("clients", Ok(2), &unknown);
        assert!(some.state == State::Warning && some.found.contains("hide"), "{}", some.found);
        let failed = count("clients", Err(Failure::local("broken")), &granted);
        assert_eq!((failed.state, failed.found.as_str()), (State::Failed, "broken"));
    }

    #[test]
    fn one_line_tells_why_the_rights_are_not_known() {
        let checks = stopped(&Failure::local("broken"));
        let states: Vec<State> = checks.iter().map(|check| check.state).collect();
        assert_eq!(states[0], State::Failed);
        assert!(states.len() == 5 && states[1..].iter().all(|state| *state == State::Skipped));
        assert!(need("sign-in").iter().all(|check| check.found == "needs: sign-in"));
    }

    #[test]
    fn to_manage_includes_to_view() {
        for right in RIGHTS {
            let expected = right.role().strip_prefix("view-").map(|what| format!("manage-{what}"));
            let expected = expected.filter(|role| RIGHTS.iter().any(|right| right.role() == role));
            assert_eq!(includes(right).map(|right| right.role().to_owned()), expected);
        }
    }
}
