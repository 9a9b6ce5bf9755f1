//! Records the fixtures of the tests from a real Keycloak, or checks them against one.
//! `cargo xtask record` starts this, with a server named by the environment.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use kxi_auth_core::SecretString;
use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::recordings::fixture::{self, Fixture};
use kxi_auth_tests::recordings::normalize::Normalizer;
use kxi_auth_tests::recordings::recorder::Recorder;
use kxi_auth_tests::scenarios::{self, At, Scenario};

/// Records fixtures from the Keycloak of `KXI_TEST_KEYCLOAK_URL`.
#[derive(Parser)]
struct Args {
    /// Write nothing; report every fixture that no longer says what the server says.
    #[arg(long)]
    check: bool,
    /// The scenarios of the other base path are run as well, by another run: leave them out
    /// without a word.
    #[arg(long)]
    part: bool,
    /// Scenarios. Default: all that fit the server's base path.
    names: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<()> {
    let server = Server::from_env()?;
    let version = server.version().await?;
    let scenarios = chosen(args, &server)?;
    let mut stale = Vec::new();
    for scenario in &scenarios {
        let fixture = record(scenario, &server, &version)
            .await
            .with_context(|| format!("scenario {}", scenario.name))?;
        if !args.check {
            fixture.write()?;
            say(&format!("{}: {} exchanges", scenario.name, fixture.exchanges.len()));
        } else if let Some(difference) = difference(&fixture) {
            say(&format!("{}: stale\n{difference}", scenario.name));
            stale.push(scenario.name);
        } else {
            say(&format!("{}: ok", scenario.name));
        }
    }
    if args.check && args.names.is_empty() {
        stale.extend(orphans()?);
    }
    ensure!(
        stale.is_empty(),
        "not what Keycloak {version} says: {}; record again with `cargo xtask record`",
        stale.join(", ")
    );
    Ok(())
}

/// The scenarios asked for, of those that fit the server.
fn chosen(args: &Args, server: &Server) -> Result<Vec<Scenario>> {
    if args.names.is_empty() {
        let (chosen, others) = scenarios::of_base(server.base_path());
        if !args.part && !others.is_empty() {
            let names: Vec<_> = others.iter().map(|scenario| scenario.name).collect();
            say(&format!(
                "left out, since this server has the base path `{}/`: {}",
                server.base_path(),
                names.join(", ")
            ));
        }
        ensure!(
            !chosen.is_empty(),
            "no scenario is for servers with the base path `{}/`",
            server.base_path()
        );
        return Ok(chosen);
    }
    let mut chosen = Vec::new();
    for name in &args.names {
        let scenario = scenarios::named(name)?;
        if scenario.base != server.base_path() {
            bail!(
                "the scenario {name} needs a server with the base path `{0}/`, this one has `{1}/`: \
                 start the other kind with `cargo xtask record --relative-path {0}/ {name}`",
                scenario.base,
                server.base_path()
            );
        }
        chosen.push(scenario);
    }
    Ok(chosen)
}

async fn record(scenario: &Scenario, server: &Server, version: &str) -> Result<Fixture> {
    let realm = scenario.prepare(server).await?;
    let recorder = Recorder::start(server).await?;
    let mut normalizer = Normalizer::new(realm.name(), recorder.address(), server);
    let at = At {
        host: format!("http://{}", recorder.address()),
        realm: realm.name().to_owned(),
        username: server.username().to_owned(),
        password: SecretString::from(server.password()),
    };
    let outcome = scenario.run(at).await;
    let raw = recorder.finish();
    realm.delete().await?;
    outcome.context("the core failed where the scenario expects no failure")?;
    let fixture = Fixture {
        scenario: scenario.name.to_owned(),
        about: scenario.about.to_owned(),
        keycloak: version.to_owned(),
        base: server.base_path().to_owned(),
        exchanges: raw?.iter().map(|raw| normalizer.exchange(raw)).collect::<Result<_>>()?,
    };
    normalizer.check(&fixture.to_text()?)?;
    Ok(fixture)
}

/// What the server says now against what the fixture says, or nothing if that is the same.
fn difference(now: &Fixture) -> Option<String> {
    let then = match Fixture::read(&now.scenario) {
        Ok(then) => then,
        Err(error) => return Some(format!("{error:#}")),
    };
    if then.exchanges == now.exchanges && then.base == now.base {
        return None;
    }
    let (then, now) = (then.to_readable(), now.to_readable());
    let diff = similar::TextDiff::from_lines(&then, &now);
    Some(diff.unified_diff().context_radius(4).header("fixture", "server").to_string())
}

/// Fixtures that no scenario has any more.
fn orphans() -> Result<Vec<&'static str>> {
    let mut orphans = Vec::new();
    for name in fixture::names()? {
        if scenarios::named(&name).is_err() {
            say(&format!("{name}: no scenario has this fixture; delete it"));
            orphans.push("a fixture without scenario");
        }
    }
    Ok(orphans)
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
