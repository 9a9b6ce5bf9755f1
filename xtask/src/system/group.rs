//! A process group that one of these tasks starts: is it alive, and end it.
//!
//! A bare pid is not enough to signal: it may belong to another program by now. A group's leader
//! is known by its start as well, and what outlives a leader by the folder in its command line.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::system::stopwatch::Stopwatch;

/// How long a polite request to end may take before the group is killed.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// One process that runs.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    pid: i32,
    group: i32,
    /// When it started, in the words of the system: equal for the same process, and only for it.
    started: String,
    command: String,
}

/// The first process of a group, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Leader {
    /// Its pid, which is the group's number.
    pub(crate) pid: i32,
    /// When it started: a pid alone may be another program's by now.
    pub(crate) started: String,
    /// The folder it runs from, which its processes have in their command lines.
    pub(crate) home: PathBuf,
}

/// Whether a recorded group still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It runs.
    Running,
    /// The leader is gone and others of the group run on.
    Orphaned,
    /// None of it runs.
    Ended,
}

impl Leader {
    /// The record of a process that was just started in a group of its own. One that ended already has no
    /// start.
    pub(crate) fn of(pid: i32, home: PathBuf) -> Result<Self> {
        Ok(Self { pid, started: started(pid)?.unwrap_or_default(), home })
    }

    /// What is true of the group now.
    pub(crate) fn life(&self) -> Result<Life> {
        Ok(if started(self.pid)?.as_ref() == Some(&self.started) {
            Life::Running
        } else if works_in(self.pid, &self.home)? {
            Life::Orphaned
        } else {
            Life::Ended
        })
    }
}

/// When the process `pid` started; nothing if there is no such process.
fn started(pid: i32) -> Result<Option<String>> {
    let mut all = running()?.into_iter();
    Ok(all.find(|process| process.pid == pid).map(|process| process.started))
}

/// Whether the group `leader` has a process that runs from `folder`.
fn works_in(leader: i32, folder: &Path) -> Result<bool> {
    let folder = folder.to_string_lossy();
    let ours = |process: &Process| process.group == leader && process.command.contains(&*folder);
    Ok(running()?.iter().any(ours))
}

/// Lets a command lead a group of its own when it is started, without input and with its output in a file.
pub(crate) fn lead(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone().context("cannot share the log file")?)
        .stderr(file)
        .process_group(0);
    Ok(())
}

/// Ends every process of the group: asks first, then kills. Returns when none is left.
pub(crate) fn end(leader: i32) -> Result<()> {
    end_by(leader, &[Signal::SIGTERM, Signal::SIGKILL])
}

/// Kills every process of the group. Returns when none is left.
pub(crate) fn kill(leader: i32) -> Result<()> {
    end_by(leader, &[Signal::SIGKILL])
}

/// Ends every process of the group by the first of these signals that does it. Returns when none is left.
pub(crate) fn end_by(leader: i32, signals: &[Signal]) -> Result<()> {
    for &signal in signals {
        send(leader, signal)?;
        let asked = Stopwatch::start();
        while asked.elapsed() < PATIENCE {
            if !running()?.iter().any(|process| process.group == leader) {
                return Ok(());
            }
            sleep(LOOK_EVERY);
        }
    }
    bail!("the process group {leader} cannot be ended: look at it with `ps -o pid,stat,args -g {leader}`")
}

fn send(leader: i32, signal: Signal) -> Result<()> {
    // The groups 0 and 1 mean this process's own and everybody's.
    if leader <= 1 {
        bail!("{leader} is no process group of ours");
    }
    match killpg(Pid::from_raw(leader), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot signal process group {leader}")),
    }
}

/// Every process but those that ended and only wait to be collected.
fn running() -> Result<Vec<Process>> {
    if Path::new("/proc/self/stat").exists() { from_proc() } else { from_ps() }
}

fn from_proc() -> Result<Vec<Process>> {
    // The start is counted from the machine's, so a restart must count as well.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let folders = std::fs::read_dir("/proc").context("cannot read /proc")?;
    let mut found = Vec::new();
    for folder in folders.flatten() {
        // A process may end between two of these reads: then it does not run.
        let Ok(stat) = std::fs::read_to_string(folder.path().join("stat")) else { continue };
        let Some((pid, group, ticks)) = parse_stat(&stat) else { continue };
        let command = std::fs::read(folder.path().join("cmdline")).unwrap_or_default();
        found.push(Process {
            pid,
            group,
            started: format!("{ticks}@{}", boot.trim()),
            command: String::from_utf8_lossy(&command).replace('\0', " "),
        });
    }
    Ok(found)
}

/// Pid, group and start of one line of `/proc/<pid>/stat`; nothing for a zombie.
fn parse_stat(stat: &str) -> Option<(i32, i32, u64)> {
    // The program's name may hold spaces and brackets, so count from the last bracket.
    let (head, tail) = stat.rsplit_once(')')?;
    let pid = head.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let (state, group, ticks) = (fields.first()?, fields.get(2)?, fields.get(19)?);
    let ended = matches!(*state, "Z" | "X" | "x");
    (!ended).then_some((pid, group.parse().ok()?, ticks.parse().ok()?))
}

fn from_ps() -> Result<Vec<Process>> {
    let mut command = Command::new("ps");
    command.args(["-A", "-ww", "-o", "pid=,pgid=,stat=,lstart=,command="]).env("LC_ALL", "C");
    let output = crate::system::process::run_quiet(&mut command, "install procps")?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse_ps).collect())
}

/// One line of `ps`: pid, group, state, five words of date, the command.
fn parse_ps(line: &str) -> Option<Process> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [pid, group, state, rest @ ..] = words.as_slice() else { return None };
    let (date, command) = rest.split_at_checked(5)?;
    (!state.starts_with('Z')).then_some(Process {
        pid: pid.parse().ok()?,
        group: group.parse().ok()?,
        started: date.join(" "),
        command: command.join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "42 (a) b (c)) S 1 40 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 31 0 987654 1 2";
        assert_eq!(parse_stat(stat), Some((42, 40, 987_654)));
    }

    #[test]
    fn a_zombie_does_not_run() {
        let stat = "42 (java) Z 1 40 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 31 0 987654 1 2";
        assert_eq!(parse_stat(stat), None);
        assert_eq!(parse_ps("42 40 Z Mon Nov 23 13:55:01 2026 [java]"), None);
    }

    #[test]
    fn ps_has_the_date_before_the_command() {
        let process = parse_ps("  42 40 Ss  Mon Nov  3 13:55:01 2026 java -jar x").unwrap();
        assert_eq!(process.started, "Mon Nov 3 13:55:01 2026");
        assert_eq!((process.pid, process.group), (42, 40));
        assert_eq!(process.command, "java -jar x");
    }

    #[test]
    fn a_pid_in_use_again_is_not_the_recorded_process() {
        let own = i32::try_from(std::process::id()).unwrap();
        let mut leader = Leader::of(own, "/no/such/home".into()).unwrap();
        assert!(!leader.started.is_empty());
        assert_eq!(leader.life().unwrap(), Life::Running);
        leader.started = "another time".to_owned();
        assert_eq!(leader.life().unwrap(), Life::Ended);
    }

    #[test]
    fn a_whole_group_ends_and_its_leader_with_it() {
        let mut leader = Command::new("sh")
            .args(["-c", "sleep 600 & wait # /some/folder"])
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let pid = i32::try_from(leader.id()).unwrap();
        assert!(works_in(pid, Path::new("/some/folder")).unwrap());
        assert!(!works_in(pid, Path::new("/another/folder")).unwrap());
        end(pid).unwrap();
        assert!(!works_in(pid, Path::new("/some/folder")).unwrap());
        assert_eq!(started(pid).unwrap(), None);
        leader.wait().unwrap();
    }

    #[test]
    fn no_signal_goes_to_everybody() {
        for leader in [-1, 0, 1] {
            assert!(end(leader).is_err(), "{leader}");
        }
    }
}
