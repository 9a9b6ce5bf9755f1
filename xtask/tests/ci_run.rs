//! What `.ci/run` makes of the machine that it finds. Every program it calls is a stand-in here, so
//! that nothing is installed and nothing is built.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/run");
/// Of the workspace, whatever it is.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// What the tests run beside the project's own programs; all but the last are packages of that name.
const FOR_TESTS: [&str; 4] = ["zsh", "fish", "mandoc", "ps"];

/// What cargo has to have; the script builds the last two where they are missing.
const OF_CARGO: [&str; 4] = ["cargo-fmt", "cargo-clippy", "cargo-machete", "cargo-deny"];

/// The only programs that the script finds.
struct Machine(TempDir);

/// How a run of the script ended.
struct Run {
    passed: bool,
    /// What it said on standard error.
    said: String,
    /// The lines of the programs that note how they were called.
    calls: String,
}

impl Machine {
    /// One that has all that is needed.
    fn complete() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let present = ["cc", "tar", "gzip", "pkg-config", "mvn", "apt-cache"];
        for name in present.into_iter().chain(OF_CARGO) {
            machine.program(name, "exit 0");
        }
        for name in FOR_TESTS {
            machine.program(name, "exit 0");
        }
        for name in ["sed", "head", "dirname", "id", "cp"] {
            std::os::unix::fs::symlink(real(name), machine.0.path().join(name)).unwrap();
        }
        machine.program("sudo", r#""$@""#);
        machine.java("21.0.4");
        machine.rust(&format!("{RUST}.0"));
        machine.noting(
            "cargo",
            r#"[ -z "$RUSTUP_TOOLCHAIN" ] || echo "toolchain $RUSTUP_TOOLCHAIN" >>"$CALLS""#,
        );
        machine.noting("rustup", "");
        machine.noting("apt-get", "");
        machine
    }

    fn java(&self, version: &str) {
        self.program("java", &java_saying(version));
    }

    fn rust(&self, version: &str) {
        self.program("rustc", &format!("echo 'rustc {version} (59807616e 2026-04-14)'"));
    }

    /// A program that notes how it was called, and does something.
    fn noting(&self, name: &str, then: &str) {
        self.program(name, &format!("echo \"{name} $*\" >>\"$CALLS\"\n{then}"));
    }

    fn program(&self, name: &str, body: &str) {
        executable(&self.0.path().join(name), body);
    }

    fn run(&self) -> Run {
        self.run_with(&[])
    }

    fn run_with(&self, variables: &[(&str, &str)]) -> Run {
        let calls = self.0.path().join("calls");
        let output = Command::new(real("bash"))
            .arg(SCRIPT)
            // Nothing else: a rustup or an apt-get of this machine must be out of reach.
            .env("PATH", self.0.path())
            .env("CALLS", &calls)
            .env("HOME", self.0.path())
            .env_remove("CARGO_HOME")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("JAVA")
            .env_remove("JAVA_HOME")
            .env_remove("KXI_TEST_KEYCLOAK_URL")
            .env_remove("RUSTUP_TOOLCHAIN")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Run {
            passed: output.status.success(),
            said: String::from_utf8(output.stderr).unwrap(),
            calls: std::fs::read_to_string(calls).unwrap_or_default(),
        }
    }
}

/// Where this machine has a program.
fn real(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.exists()).unwrap()
}

fn java_saying(version: &str) -> String {
    format!("echo 'openjdk version \"{version}\" 2025-04-15' >&2")
}

fn executable(file: &Path, body: &str) {
    std::fs::write(file, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_complete_machine_is_left_as_it_is() {
    let run = Machine::complete().run();
    assert!(run.passed, "{}", run.said);
    let expected = "cargo --version\ncargo fmt --check\n\
                    cargo clippy --workspace --all-targets -- -D warnings\n\
                    cargo clippy --workspace --all-features --all-targets -- -D warnings\n\
                    cargo doc --workspace --all-features --no-deps\ncargo machete\n\
                    cargo deny check licenses bans sources\ncargo xtask test\n\
                    cargo xtask test --offline --native-tls\n";
    assert_eq!(run.calls, expected);
}

#[test]
fn a_tool_of_cargo_is_built_below_target() {
    let machine = Machine::complete();
    for name in &OF_CARGO[2..] {
        std::fs::remove_file(machine.0.path().join(name)).unwrap();
    }
    let target = machine.0.path().join("target");
    let run = machine.run_with(&[("CARGO_TARGET_DIR", target.to_str().unwrap())]);
    assert!(run.passed, "{}", run.said);
    let root = target.join("tools");
    for name in &OF_CARGO[2..] {
        let install = format!(
            "cargo install --debug --locked --quiet --no-default-features --root {} {name}@",
            root.display()
        );
        assert!(run.calls.contains(&install), "{}", run.calls);
    }
}

/// A warning of rustdoc, a license that nobody looked at, a dependency that nothing needs.
#[test]
fn each_check_that_fails_ends_the_run() {
    for check in ["fmt", "clippy", "doc", "machete", "deny"] {
        let machine = Machine::complete();
        machine.noting("cargo", &format!("[ \"$1\" != {check} ]"));
        let run = machine.run();
        assert!(!run.passed && !run.calls.contains("xtask"), "{check}: {}", run.calls);
    }
}

#[test]
fn what_the_tests_run_is_installed() {
    let machine = Machine::complete();
    for name in FOR_TESTS {
        std::fs::remove_file(machine.0.path().join(name)).unwrap();
    }
    let run = machine.run();
    assert!(run.passed, "{}", run.said);
    let install = "apt-get install -y -qq --no-install-recommends zsh fish mandoc procps\n";
    assert!(run.calls.contains(install), "{}", run.calls);
}

#[test]
fn a_java_that_is_too_old_is_replaced() {
    for old in ["11.0.2", "1.8.0_402"] {
        let machine = Machine::complete();
        machine.java(old);
        let newer = machine.0.path().join("newer-java");
        executable(&newer, &java_saying("21.0.4"));
        let java = machine.0.path().join("java");
        // What installing it does.
        machine.noting("apt-get", &format!("cp '{}' '{}'", newer.display(), java.display()));
        let run = machine.run();
        assert!(run.passed, "{}", run.said);
        assert!(run.calls.contains("openjdk-21-jre-headless"), "{}", run.calls);
        assert!(run.calls.contains("cargo xtask test"), "{}", run.calls);
    }
}

#[test]
fn a_rust_that_is_too_old_is_mended_where_rustup_is() {
    let machine = Machine::complete();
    machine.rust("1.9.0");
    let run = machine.run();
    assert!(run.passed, "{}", run.said);
    let install =
        format!("rustup toolchain install {RUST} --profile minimal --component rustfmt --component clippy");
    assert!(run.calls.contains(&install), "{}", run.calls);
    assert!(run.calls.contains(&format!("cargo xtask test\ntoolchain {RUST}\n")), "{}", run.calls);
}

#[test]
fn a_rust_that_is_too_old_is_one_clear_line_without_rustup() {
    let machine = Machine::complete();
    machine.rust("1.9.0");
    std::fs::remove_file(machine.0.path().join("rustup")).unwrap();
    let run = machine.run();
    assert!(!run.passed);
    let line = run.said.lines().last().unwrap();
    assert!(line.starts_with(&format!("error: Rust {RUST} or later is needed")), "{line}");
    assert!(line.contains("1.9.0") && line.contains("rustup"), "{line}");
    assert_eq!(run.calls, "");
}

#[test]
fn a_newer_rust_will_do() {
    for version in ["1.100.0", "2.0.0", "1.99.0-nightly"] {
        let machine = Machine::complete();
        machine.rust(version);
        let run = machine.run();
        assert!(run.passed && !run.calls.contains("rustup"), "{version}: {}\n{}", run.said, run.calls);
    }
}
