//! The admin's token: how long it lives, and what it says about the server's clock.

use std::time::Duration;

use crate::doctor::check::Check;

/// A token is renewed ten seconds before it expires. With a shorter lifetime than this, that is most of the time.
const SHORT: Duration = Duration::from_secs(30);
/// Clocks that are set over the network differ by less than this.
const TOLERATED: i64 = 5;

/// Whether a token lives long enough to work with. `realm` is the realm that issued it.
pub(super) fn lifetime(lifetime: Duration, realm: &str) -> Check {
    const NAME: &str = "token lifetime";
    let seconds = lifetime.as_secs();
    if lifetime >= SHORT {
        return Check::ok(NAME, format!("{seconds} s"));
    }
    let found =
        format!("{seconds} s: the command has to sign in often, and a slow request can outlive its token");
    Check::warning(NAME, found).with_remedy(format!(
        "raise the access token lifespan of the realm `{realm}` (Realm settings, Tokens) to a minute"
    ))
}

/// How far the server's clock is ahead of this machine's, in seconds. This is a lower bound: the token was issued at
/// some time between `before` and `after` by this machine's clock. All times are seconds since 1970; the server
/// rounds `issued_at` down.
fn skew(before: Duration, after: Duration, issued_at: i64) -> i64 {
    let whole = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let ahead = issued_at.saturating_sub(whole(after));
    let behind = issued_at.saturating_sub(whole(before));
    // A difference that the time in between can explain does not count.
    if ahead > 0 { ahead } else { behind.min(0) }
}

/// Whether the two clocks agree. `issued_at` is the `iat` of the token, if it has one.
pub(super) fn clock(before: Duration, after: Duration, issued_at: Option<i64>) -> Check {
    const NAME: &str = "clock";
    let Some(issued_at) = issued_at.filter(|time| *time > 0) else {
        return Check::skipped(NAME, "the token does not say when it was issued");
    };
    let skew = skew(before, after, issued_at);
    if skew.abs() <= TOLERATED {
        let found = match skew {
            0 => "the clocks of the server and of this machine agree".to_owned(),
            skew => format!("the server's clock is {} s {}", skew.unsigned_abs(), direction(skew)),
        };
        return Check::ok(NAME, found);
    }
    let consequence = if skew > 0 {
        "a service that uses this machine's clock rejects its tokens as issued in the future"
    } else {
        "on a service that uses this machine's clock, tokens expire too early"
    };
    let found = format!("the server's clock is {} s {}: {consequence}", skew.unsigned_abs(), direction(skew));
    Check::warning(NAME, found).with_remedy("synchronize both clocks with NTP")
}

fn direction(skew: i64) -> &'static str {
    if skew > 0 { "ahead" } else { "behind" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::check::State;

    const NOON: Duration = Duration::from_secs(1_700_000_000);

    #[test]
    fn the_time_that_the_sign_in_took_is_no_difference() {
        let at = |offset: i64| 1_700_000_000 + offset;
        let after = NOON + Duration::from_secs(3);
        for offset in 0..=3 {
            assert_eq!(skew(NOON, after, at(offset)), 0, "{offset}");
        }
        assert_eq!(skew(NOON, after, at(4)), 1);
        assert_eq!(skew(NOON, after, at(-1)), -1);
        // Issued at the end of the second in which the sign-in began.
        let late = NOON + Duration::from_millis(900);
        assert_eq!(skew(late, late, at(0)), 0);
    }

    #[test]
    fn both_directions_are_told() {
        let state = |offset: i64| {
            let check = clock(NOON, NOON, Some(1_700_000_000 + offset));
            (check.state, check.found)
        };
        assert_eq!(state(0).0, State::Ok);
        assert_eq!(state(5), (State::Ok, "the server's clock is 5 s ahead".to_owned()));
        assert_eq!(state(-5).0, State::Ok);
        let (ahead, found) = state(6);
        assert!(
            ahead == State::Warning && found.contains("6 s ahead: ") && found.contains("future"),
            "{found}"
        );
        let (behind, found) = state(-3600);
        assert!(behind == State::Warning && found.contains("3600 s behind: "), "{found}");
        assert!(found.contains("expire"), "{found}");
    }

    #[test]
    fn a_token_without_a_time_tells_nothing() {
        for issued_at in [None, Some(0), Some(-1)] {
            assert_eq!(clock(NOON, NOON, issued_at).state, State::Skipped);
        }
        // The ends of what a number holds are no reason to panic.
        assert_eq!(clock(NOON, NOON, Some(i64::MAX)).state, State::Warning);
    }

    #[test]
    fn short_lives() {
        assert_eq!(lifetime(Duration::from_secs(30), "master").state, State::Ok);
        let short = lifetime(Duration::from_secs(29), "master");
        assert_eq!(short.state, State::Warning);
        assert!(short.found.starts_with("29 s") && short.remedy.unwrap().contains("`master`"));
    }
}
