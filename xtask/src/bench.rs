//! `cargo xtask bench`: what a start of `kxi-auth` costs, next to the project's goals.
//!
//! Nothing is asserted: the numbers are those of one machine, at one time.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::cargo::build_release;
use crate::system::process;
use crate::workspace::{data, say};

const KIB: u64 = 1024;

/// Measure what a start of the release binary costs, next to the goals.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often the command is run for each number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    runs: u16,
}

/// What a start costs.
struct Cost {
    /// The median of user and system time together.
    cpu: Duration,
    /// The most memory that a run had in use, in bytes. `None` where the system does not show it.
    memory: Option<u64>,
    /// The size of the binary, in bytes.
    size: u64,
}

/// Builds, measures and prints.
pub(crate) fn run(args: &Args) -> Result<()> {
    say("== build kxi-auth for release");
    let binary = build_release()?.kxi_auth()?;
    say(&format!(
        "== kxi-auth --version, {0} times for the CPU time and {0} times for the memory",
        args.runs
    ));
    let times: Result<Vec<Duration>> = (0..args.runs).map(|_| cpu_time(&binary)).collect();
    let peaks: Result<Vec<Option<u64>>> = (0..args.runs).map(|_| peak_memory(&binary)).collect();
    let size = std::fs::metadata(&binary).context("the binary has no size")?.len();
    data(&table(&Cost { cpu: median(times?), memory: peaks?.into_iter().flatten().max(), size }))
}

fn version(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--version").env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// User and system time of one run.
fn cpu_time(program: &Path) -> Result<Duration> {
    let before = of_children()?;
    process::run(&mut version(program))?;
    Ok(of_children()?.saturating_sub(before))
}

fn of_children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("the system does not show the CPU time")?;
    let time = |value: TimeVal| {
        let micros = u64::try_from(value.tv_usec()).unwrap_or_default();
        Duration::from_secs(u64::try_from(value.tv_sec()).unwrap_or_default()) + Duration::from_micros(micros)
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}

/// The most memory that one run used, read until it ends. `getrusage` would count this process, which starts all others,
/// and the compiler too.
fn peak_memory(program: &Path) -> Result<Option<u64>> {
    let mut child =
        version(program).spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let path = format!("/proc/{}/status", child.id());
    let mut peak = None;
    // What has ended has no memory any more, but is there until it is waited for.
    while let Some(bytes) = std::fs::read_to_string(&path).ok().and_then(|status| high_water_mark(&status)) {
        peak = Some(bytes);
    }
    child.wait()?;
    Ok(peak)
}

/// `VmHWM` of Linux, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * KIB)
}

#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
fn table(cost: &Cost) -> String {
    let cpu = format!("{:.1} ms", cost.cpu.as_secs_f64() * 1e3);
    let memory = cost.memory.map_or_else(
        || "not shown here".to_owned(),
        |bytes| format!("{:.1} MiB", bytes as f64 / (KIB * KIB) as f64),
    );
    let size = format!("{:.1} MB", cost.size as f64 / 1e6);
    let rows = [
        ["", "measured", "goal"],
        ["CPU time, user and system (median)", &cpu, "10 ms"],
        ["resident memory (peak)", &memory, "10 MiB"],
        ["size of the binary", &size, "12 MB"],
    ];
    let lines = rows.map(|[what, measured, goal]| format!("{what:34}  {measured:13}  {goal}\n"));
    lines.concat()
}

/// The middle one, or the upper of the two in the middle: one run that was disturbed does not count.
fn median(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_that_was_disturbed_does_not_count() {
        let of = |millis: &[u64]| median(millis.iter().copied().map(Duration::from_millis).collect());
        assert_eq!(of(&[3, 90, 1]), Duration::from_millis(3));
        assert_eq!(of(&[]), Duration::ZERO);
    }

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        assert_eq!(high_water_mark("Name:\tkxi-auth\nVmHWM:\t    6144 kB\nVmRSS:\t 5 kB\n"), Some(6_291_456));
        assert_eq!(high_water_mark("Name:\tkxi-auth\nState:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_run_is_measured() {
        assert!(cpu_time(Path::new("true")).is_ok());
        let memory = peak_memory(Path::new("true")).unwrap();
        // This process takes more.
        assert!(memory.is_none_or(|bytes| bytes < 8 << 20), "{memory:?}");
        assert!(peak_memory(Path::new("no-such-program")).is_err());
    }

    #[test]
    fn the_numbers_stand_next_to_the_goals() {
        let cost = Cost { cpu: Duration::from_micros(4_321), memory: Some(8 << 20), size: 9_876_543 };
        let shown = table(&cost);
        for (number, goal) in [("4.3 ms", "10 ms"), ("8.0 MiB", "10 MiB"), ("9.9 MB", "12 MB")] {
            assert!(shown.lines().any(|line| line.contains(number) && line.ends_with(goal)), "{shown}");
        }
        assert!(table(&Cost { memory: None, ..cost }).contains("not shown here"));
    }
}
