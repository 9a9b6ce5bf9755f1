//! A running command that another task may kill.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::seeded::facts::Ended;

/// The signal of `kill -9`.
pub(super) const SIGKILL: i32 = 9;

/// A command that another task may kill.
#[derive(Clone, Default)]
pub(super) struct Killable(Arc<Mutex<Option<Child>>>);

impl Killable {
    /// Runs it to its end, by itself or by a signal. Its output is kept, as far as it came.
    pub(super) async fn run(&self, mut command: Command) -> Result<(Ended, Option<i32>)> {
        let folder = tempfile::tempdir()?;
        let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
        command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?);
        *locked(&self.0) = Some(command.spawn().context("the command cannot be run")?);
        let status = loop {
            let status = locked(&self.0).as_mut().map(Child::try_wait).transpose()?.flatten();
            match status {
                Some(status) => break status,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        let text = |path: &Path| Ok::<_, anyhow::Error>(fs::read_to_string(path)?);
        let ended = Ended { code: status.code(), stdout: text(&stdout)?, stderr: text(&stderr)? };
        Ok((ended, status.signal()))
    }

    /// Kills it as soon as it runs (`kill -9`).
    pub(super) async fn kill(&self) -> Result<()> {
        loop {
            if let Some(child) = locked(&self.0).as_mut() {
                return Ok(child.kill()?);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
