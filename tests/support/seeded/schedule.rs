//! The faults of a run: which ones, and which requests they befall.

use std::fmt;
use std::time::Duration;

use crate::proxies::faults::{FaultProxy, Hook};
use crate::seeded::draw::Draw;
use crate::seeded::kind::{self, Kind};

/// Of so many seeds, one has only faults that pass if the request is sent again.
const GENTLE: u64 = 3;

/// Which requests a fault befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Any,
    Of(Requests),
}

/// A fault of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) kind: Kind,
    target: Target,
    first: usize,
    /// Without it, all from the first on.
    last: Option<usize>,
}

/// Requests that most runs send beside their writes.
const READS: [Requests; 3] = [("GET", "/clients"), ("GET", ""), ("POST", "/token")];

/// Requests of one kind: the method, and a part of the path.
pub(super) type Requests = (&'static str, &'static str);

/// Some faults, each for one request, for a few in a row, or for all from one on. `writes` are the requests by which
/// the run changes something.
pub(super) fn draw(draw: &mut Draw, seed: u64, writes: &[Requests]) -> Vec<Planned> {
    if seed.is_multiple_of(GENTLE) {
        return gentle(draw, seed / GENTLE, writes);
    }
    let turn = seed / GENTLE * (GENTLE - 1) + seed % GENTLE - 1;
    let kinds = kind::all();
    (0..draw.number(2..=6))
        .map(|number| {
            // Each kind has its turn, first at a write.
            let kind =
                if number < 2 { in_turn(&kinds, turn * 2 + number as u64) } else { draw.one_of(&kinds) };
            let (target, first) = target(draw, writes, if number == 0 { 100 } else { 50 });
            let last = match draw.number(1..=10) {
                1..=4 => Some(first),
                5..=8 => Some(first + draw.number(1..=3)),
                _ => None,
            };
            Planned { kind, target, first, last }
        })
        .collect()
}

/// Faults that the retries cover, unless two of them befall the same request.
fn gentle(draw: &mut Draw, turn: u64, writes: &[Requests]) -> Vec<Planned> {
    let kinds = kind::passing();
    (0..draw.number(1..=3))
        .map(|number| {
            let kind = if number == 0 { in_turn(&kinds, turn) } else { draw.one_of(&kinds) };
            let (target, first) = target(draw, writes, 75);
            let more = if kind == Kind::SessionEnd { 0 } else { draw.number(0..=2) };
            Planned { kind, target, first, last: Some(first + more) }
        })
        .collect()
}

fn in_turn(kinds: &[Kind], turn: u64) -> Kind {
    let index = turn % kinds.len() as u64;
    kinds[usize::try_from(index).unwrap_or_default()]
}

/// Requests, and the first of them: so many times of a hundred those by which the run changes something.
fn target(draw: &mut Draw, writes: &[Requests], percent: u8) -> (Target, usize) {
    if !writes.is_empty() && draw.percent(percent) {
        return (Target::Of(draw.one_of(writes)), draw.one_of(&[1, 1, 1, 1, 2, 3]));
    }
    match draw.number(1..=5) {
        1..=2 => (Target::Of(draw.one_of(&READS)), draw.number(1..=6)),
        _ => (Target::Any, draw.number(1..=14)),
    }
}

impl Planned {
    /// Lets the proxy do it: see [`Kind::fault`].
    pub(super) fn inject(&self, proxy: &FaultProxy, end_session: &Hook, timeout: Duration) {
        let fault = self.kind.fault(end_session, timeout);
        let which = self.first..=self.last.unwrap_or(usize::MAX);
        match self.target {
            Target::Any => proxy.inject_any(which, fault),
            Target::Of((method, part)) => proxy.inject(method, part, which, fault),
        }
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, target, first, last } = self;
        write!(formatter, "{kind}: ")?;
        match target {
            Target::Any => write!(formatter, "any request, ")?,
            Target::Of((method, part)) => write!(formatter, "{method} …{part}…, ")?,
        }
        match last {
            Some(last) if last == first => write!(formatter, "number {first}"),
            Some(last) => write!(formatter, "numbers {first} to {last}"),
            None => write!(formatter, "from number {first} on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::seeded::scenario;

    #[test]
    fn the_first_fifty_seeds_plan_every_kind() {
        let planned: BTreeSet<Kind> = (1..=50)
            .flat_map(|seed| {
                let (scenario, mut from) = scenario::draw(seed);
                draw(&mut from, seed, scenario.writes)
            })
            .map(|planned| planned.kind)
            .collect();
        let missing: Vec<Kind> = kind::all().into_iter().filter(|kind| !planned.contains(kind)).collect();
        assert_eq!(missing, []);
    }
}
