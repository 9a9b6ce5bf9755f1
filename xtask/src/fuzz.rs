//! `cargo xtask fuzz`: runs the fuzz targets of `tests/fuzz` for a bounded number of executions each.
//!
//! It needs a C++ compiler besides what a build needs, for libFuzzer. Stable Rust suffices, because no sanitizer is used.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::cargo::cargo;
use crate::system::process;
use crate::system::stopwatch::Stopwatch;
use crate::workspace::{data, root, say, target};

const VERSION: &str = "0.13.2";
/// The longest input, in bytes.
const LONGEST: &str = "-max_len=4096";
/// The memory of a target, in MiB. No input may take more.
const MEMORY: &str = "-rss_limit_mb=1024";
/// The seconds that one input may take, on a machine that does other work as well.
const SLOWEST: &str = "-timeout=25";

/// Run the fuzz targets for a bounded number of executions each.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Targets (default: all)
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Executions of each target
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000)]
    runs: u64,
    /// Print the results that the last runs left, and run nothing
    #[arg(long)]
    table: bool,
}

/// What came of the run of a target.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    executions: u64,
    seconds: u64,
    /// The peak of the resident memory in MiB.
    memory: u64,
    /// The edges of the code that were reached.
    coverage: u64,
    /// The inputs for which something does not hold.
    findings: usize,
}

/// Runs the targets one after another, and writes a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let all = all()?;
    for wanted in &args.targets {
        ensure!(all.contains(wanted), "there is no target `{wanted}`; the targets are {}", all.join(", "));
    }
    if !args.table {
        install()?;
        say("== building the fuzz targets");
        // One alone compiles in a small part of the time of all.
        let one = args.targets.first().filter(|_| args.targets.len() == 1);
        process::run(cargo_fuzz("build").arg("--target-dir").arg(folder().join("build")).args(one))?;
        let wanted = if args.targets.is_empty() { &all } else { &args.targets };
        for name in wanted {
            run_target(name, args.runs)?;
        }
    }
    let outcomes: Vec<(&String, Outcome)> =
        all.iter().filter_map(|name| Some((name, read(name).ok()?))).collect();
    let table = table(&outcomes);
    let file = target().join("fuzz.md");
    std::fs::write(&file, &table).with_context(|| format!("cannot write {}", file.display()))?;
    data(&table)?;
    let failed: Vec<&str> =
        outcomes.iter().filter(|(_, outcome)| outcome.findings > 0).map(|(name, _)| name.as_str()).collect();
    ensure!(
        failed.is_empty(),
        "findings of {}: their inputs are in {}. Copy each to tests/fuzz/corpus/TARGET, where `cargo xtask test --offline` \
         replays it",
        failed.join(", "),
        folder().join("artifacts").display()
    );
    Ok(())
}

/// The names of the targets: those of the files that hold them.
fn all() -> Result<Vec<String>> {
    let folder = root().join("tests/fuzz/targets");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds cargo-fuzz below the build folder, unless the machine has it.
fn install() -> Result<()> {
    let found = cargo_fuzz("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    say(&format!("== installing cargo-fuzz {VERSION}"));
    let mut command = cargo();
    command.args(["install", "--debug", "--locked", "--quiet", "--root"]).arg(tools());
    command.arg(format!("cargo-fuzz@{VERSION}")).env("CARGO_TARGET_DIR", tools().join("build"));
    process::run(&mut command)
}

fn tools() -> PathBuf {
    target().join("tools")
}

/// What the runs leave.
fn folder() -> PathBuf {
    target().join("fuzz")
}

/// `cargo fuzz` with the flags that each of its commands needs.
fn cargo_fuzz(task: &str) -> Command {
    let mut command = cargo();
    let mut path = tools().join("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    command.env("PATH", path).args(["fuzz", task]);
    if task != "--version" {
        command.args(["--fuzz-dir", "tests/fuzz", "--sanitizer", "none"]);
    }
    command
}

/// Runs a target. What it finds is in its log and in the folder of its artifacts; a finding ends its run.
fn run_target(name: &str, runs: u64) -> Result<()> {
    say(&format!("== {name}: {runs} executions"));
    let (corpus, artifacts) = (folder().join("corpus").join(name), folder().join("artifacts").join(name));
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let log = log(name);
    let output = std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let seeds = root().join("tests/fuzz/corpus").join(name);
    let mut command = cargo_fuzz("run");
    command.arg("--target-dir").arg(folder().join("build")).arg(name).args([corpus, seeds]);
    command.args(["--", LONGEST, MEMORY, SLOWEST, "-print_final_stats=1", &format!("-runs={runs}")]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let began = Stopwatch::start();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output).status();
    let status = status.with_context(|| format!("cannot run the target {name}"))?;
    append(&log, &format!("\nxtask: {} s, {status}\n", began.elapsed().as_secs()))?;
    if !status.success() {
        say(&process::last_lines(&std::fs::read_to_string(&log).unwrap_or_default(), 20));
    }
    Ok(())
}

fn append(file: &Path, text: &str) -> Result<()> {
    let write =
        || std::io::Write::write_all(&mut std::fs::File::options().append(true).open(file)?, text.as_bytes());
    write().with_context(|| format!("cannot write {}", file.display()))
}

fn log(name: &str) -> PathBuf {
    folder().join(format!("{name}.log"))
}

/// What the last run of a target left.
fn read(name: &str) -> Result<Outcome> {
    let log = log(name);
    let text = std::fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    Outcome::parse(&text).with_context(|| format!("{} is not the log of a run", log.display()))
}

impl Outcome {
    /// Reads what libFuzzer prints, and the line of this task.
    fn parse(log: &str) -> Result<Self> {
        let statistic = |name: &str| {
            let line = log.lines().rev().find_map(|line| line.strip_prefix(&format!("stat::{name}:")))?;
            line.trim().parse().ok()
        };
        let coverage = log.lines().rev().find_map(|line| {
            let (_, rest) = line.split_once(" cov: ")?;
            rest.split_whitespace().next()?.parse().ok()
        });
        let ours = log.lines().rev().find_map(|line| line.strip_prefix("xtask: ")?.split_once(" s, "));
        let Some((seconds, status)) = ours else { bail!("the run did not end") };
        Ok(Self {
            executions: statistic("number_of_executed_units").unwrap_or_default(),
            seconds: seconds.parse()?,
            memory: statistic("peak_rss_mb").unwrap_or_default(),
            coverage: coverage.unwrap_or_default(),
            findings: usize::from(!status.ends_with("exit status: 0")),
        })
    }
}

fn table(outcomes: &[(&String, Outcome)]) -> String {
    let head =
        "| Target | Executions | Time | Peak memory | Edges | Findings |\n|---|---:|---:|---:|---:|---:|\n";
    let rows = outcomes.iter().map(|(name, outcome)| {
        let Outcome { executions, seconds, memory, coverage, findings } = outcome;
        format!("| `{name}` | {executions} | {seconds} s | {memory} MiB | {coverage} | {findings} |\n")
    });
    std::iter::once(head.to_owned()).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "#64 INITED cov: 12 ft: 20 corp: 5/1Kb\n#1000\tDONE   cov: 345 ft: 678 corp: 9/2Kb\n\
                       stat::number_of_executed_units: 1000\nstat::peak_rss_mb:              88\n";

    #[test]
    fn the_numbers_of_a_run_are_those_that_libfuzzer_prints() {
        let outcome = Outcome::parse(&format!("{LOG}\nxtask: 7 s, exit status: 0\n")).unwrap();
        let expected = Outcome { executions: 1000, seconds: 7, memory: 88, coverage: 345, findings: 0 };
        assert_eq!(outcome, expected);
        let row = "| `text` | 1000 | 7 s | 88 MiB | 345 | 0 |\n";
        assert!(table(&[(&"text".to_owned(), outcome)]).ends_with(row));
        assert_eq!(Outcome::parse(&format!("{LOG}\nxtask: 7 s, exit status: 77\n")).unwrap().findings, 1);
        assert!(Outcome::parse(LOG).is_err(), "it may still run");
    }

    /// What would be left out by a wrong name: a target without a corpus, and a corpus that nothing replays.
    #[test]
    fn each_target_is_built_and_has_a_corpus() {
        let fuzz = root().join("tests/fuzz");
        let manifest: toml::Table =
            std::fs::read_to_string(fuzz.join("Cargo.toml")).unwrap().parse().unwrap();
        let built =
            manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned());
        let mut built: Vec<String> = built.collect();
        built.sort();
        let mut corpora: Vec<String> = std::fs::read_dir(fuzz.join("corpus"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        corpora.sort();
        assert_eq!(all().unwrap(), built);
        assert_eq!(built, corpora);
    }
}
