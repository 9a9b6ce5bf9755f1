//! Kills the command, kills the server, and runs two at once. What started this program kills the server and starts it
//! again, where a line on standard output asks for it.

use std::fmt::Write as _;
use std::io::{BufRead as _, Write as _};
use std::sync::{Arc, Mutex};

use anyhow::{Result, ensure};
use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::seeded::{Control, Killed, Lane, kill_command, kill_server, owners, twice};

use crate::say;

/// Asks for what is to become of the server.
struct Asked;

impl Control for Asked {
    fn kill(&mut self) -> Result<()> {
        ask("kill")
    }

    fn start(&mut self) -> Result<()> {
        ask("start")
    }
}

fn ask(request: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{request}")?;
    stdout.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    ensure!(answer.trim() == "done", "the server is not as it was asked for");
    Ok(())
}

/// Does each of these so often, one after the other, and returns the figures as a page.
pub(crate) async fn run(server: &Server, from: u64, rounds: u64, clients: usize) -> Result<(String, bool)> {
    let control: Arc<Mutex<dyn Control>> = Arc::new(Mutex::new(Asked));
    let lane = Lane::start(server).await?;
    let mut all = Vec::new();
    for seed in from..from.saturating_add(rounds) {
        all.push(seen(kill_command(&lane, seed, clients).await?));
        all.push(seen(kill_server(&lane, seed, clients, Arc::clone(&control)).await?));
        all.push(seen(twice(&lane, seed, clients).await?));
        all.push(seen(owners(&lane, seed, clients).await?));
    }
    lane.finish().await?;
    Ok((page(&all), all.iter().all(|one| one.violations.is_empty())))
}

fn seen(killed: Killed) -> Killed {
    say(&line(&killed));
    for violation in &killed.violations {
        say(&format!("VIOLATION: {violation}"));
    }
    killed
}

fn line(killed: &Killed) -> String {
    let Killed { seed, what, after, codes, there, violations, time } = killed;
    let code = |code: &Option<i32>| code.map_or_else(|| "killed".to_owned(), |code| code.to_string());
    let codes = codes.iter().map(code).collect::<Vec<_>>().join(", ");
    let after = after.map_or_else(|| "-".to_owned(), |after| after.to_string());
    let (violations, seconds) = (violations.len(), time.as_secs());
    format!("| {what} | {seed} | {after} | {codes} | {there} | {violations} | {seconds} |")
}

fn page(all: &[Killed]) -> String {
    let mut page =
        "| What | Seed | After requests | Exit codes | Clients there then | Violations | s |\n".to_owned();
    page.push_str("|---|---|---|---|---|---|---|\n");
    for one in all {
        let _ = writeln!(page, "{}", line(one));
    }
    page
}
