//! A reader who follows a page of the documentation at a shell, and compares what it shows with what they see.

use std::process::{Command, Stdio};

use kxi_auth_tests::programs::command::binary;
use kxi_auth_tests::programs::pages::{Block, Example, examples, read, root};
use regex::Regex;
use similar::TextDiff;

use crate::command::desk::{Desk, Run, finish};

/// The server and the realm that every page shows.
const SERVER: &str = "http://127.0.0.1:41991";
const REALM: &str = "insights";

/// A line of a page in place of any number of lines that it leaves out.
const LEFT_OUT: &str = "…\n";

/// With this variable set, blocks that differ are rewritten with what the command really prints.
const UPDATE: &str = "UPDATE_PAGES";

/// What the server and the clock decide. Everything else must be as it is shown.
const CHANCE: [(&str, &str); 5] = [
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    // The path of Keycloak is `/auth` or nothing, as the server was started.
    (r"(http://127\.0\.0\.1:41991)/auth\b", "$1"),
    (r"\bKeycloak \d+\.\d+\.\d+", "Keycloak VERSION"),
    // Each realm has its own order.
    (r"(?m)^(scope +)(?:profile email|email profile)$", "${1}email profile"),
    // A realm of the tests has roles that the playground lacks.
    (r"(?m)^(ok       (?:clients|roles) +)\d+$", "${1}COUNT"),
];

pub(super) struct Reader {
    pub(super) desk: Desk,
    /// What is exported in the shell in addition to the admin's variables.
    variables: Vec<(&'static str, String)>,
    differences: Vec<String>,
    /// Blocks that differ and their real content.
    rewrites: Vec<(String, String)>,
    followed: usize,
}

impl Reader {
    pub(super) async fn new() -> Self {
        Self {
            desk: Desk::new().await,
            variables: Vec::new(),
            differences: Vec::new(),
            rewrites: Vec::new(),
            followed: 0,
        }
    }

    /// Sets variables in addition to those of the server's admin, and forgets what was set before.
    pub(super) fn export<const N: usize>(&mut self, variables: [(&'static str, &str); N]) {
        self.variables = variables.map(|(name, value)| (name, value.to_owned())).into();
    }

    /// Types a line into a shell, which shows both outputs as they come.
    async fn type_in(&self, line: &str) -> Run {
        let connection = self.desk.command(&self.desk.realm.server().host(), &[]);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("exec 2>&1; {line}")]).stdin(Stdio::null());
        shell.env_clear().env("PATH", binary().unwrap().parent().unwrap());
        shell.envs(connection.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.envs(self.variables.iter().map(|(name, value)| (name, value)));
        // One admin at a time: a client that signs in is not a user.
        if self.variables.iter().any(|(name, _)| *name == "INSIGHTS_ADMIN_CLIENT_ID") {
            shell.env_remove("INSIGHTS_ADMIN_USERNAME").env_remove("INSIGHTS_ADMIN_PASSWORD");
        }
        shell.current_dir(self.desk.path(""));
        finish(shell).await
    }

    /// Types a line that has to succeed. The page does not show its output.
    pub(super) async fn succeed(&self, line: &str) {
        let run = self.type_in(line).await;
        assert_eq!(run.code, 0, "$ {line}\n{}", run.stdout);
    }

    /// Runs the lines of an `sh` block that call the command, and skips the others.
    pub(super) async fn follow_script(&self, block: &Block<'_>) {
        for line in block.content.lines().filter(|line| line.starts_with("kxi-auth ")) {
            self.succeed(line).await;
        }
    }

    /// Types every line of a `console` block, and compares what is seen.
    pub(super) async fn follow(&mut self, block: &Block<'_>) {
        assert!(
            block.content.starts_with("$ "),
            "a block shows output without a command:\n{}",
            block.content
        );
        let mut real = String::new();
        for Example { command, output } in examples(block.content) {
            assert!(command.starts_with("kxi-auth "), "not a command of this project: {command}");
            let run = self.type_in(&command).await;
            let seen = self.as_shown(&run.stdout);
            let same = fits(&comparable(&output), &comparable(&seen));
            if !same {
                let diff =
                    TextDiff::from_lines(&comparable(&output), &comparable(&seen)).unified_diff().to_string();
                self.differences.push(format!("$ {command}\n{diff}"));
            }
            // What is left out is the choice of the page's author.
            let keep = same || output.split_inclusive('\n').any(|line| line == LEFT_OUT);
            real.extend(["$ ", &command, "\n", if keep { &output } else { &seen }]);
            assert_eq!(run.code != 0, shows_error(&output), "$ {command}\n{}", run.stdout);
            self.followed += 1;
        }
        if real != block.content {
            self.rewrites.push((block.content.to_owned(), real));
        }
    }

    /// Fails if the page shows anything else than was seen. `least` commands must have been found at all.
    pub(super) async fn finish(self, page: &str, least: usize) {
        self.desk.realm.delete().await.unwrap();
        let differences = self.differences.join("\n");
        let remedy = if std::env::var_os(UPDATE).is_some() {
            std::fs::write(root().join(page), rewritten(&read(page).unwrap(), &self.rewrites)).unwrap();
            "rewritten, except blocks that leave lines out: look at the diff"
        } else {
            "UPDATE_PAGES=1 rewrites the page"
        };
        assert!(
            differences.is_empty(),
            "{page} (-) shows other output than the command (+); {remedy}:\n{differences}"
        );
        assert!(self.followed >= least, "{page}: only {} commands were found", self.followed);
    }

    /// What was seen, as if on the server and in the realm of the pages.
    fn as_shown(&self, seen: &str) -> String {
        let server = self.desk.realm.server();
        let host = server.host();
        let port = host.rsplit(':').next().unwrap();
        seen.replace(&host, SERVER)
            .replace(&format!("port {port} accepts"), "port 41991 accepts")
            .replace(self.desk.realm.name(), REALM)
            .replace(&format!("the user `{}`", server.username()), "the user `admin`")
            // One less if the second changed while the token was issued.
            .replace(" 299 s\n", " 300 s\n")
            .replace(" 59 s\n", " 60 s\n")
    }
}

/// A text without what differs from run to run.
fn comparable(text: &str) -> String {
    let without = |text: String, (pattern, instead): (&str, &str)| {
        Regex::new(pattern).unwrap().replace_all(&text, instead).into_owned()
    };
    CHANCE.into_iter().fold(text.to_owned(), without)
}

/// The page with the real content of its blocks.
fn rewritten(page: &str, rewrites: &[(String, String)]) -> String {
    let block = |content: &str| format!("```console\n{content}```\n");
    rewrites.iter().fold(page.to_owned(), |page, (old, new)| page.replacen(&block(old), &block(new), 1))
}

/// Whether the output of a page shows an error.
fn shows_error(output: &str) -> bool {
    output.lines().any(|line| line.starts_with("error: ") || line.starts_with("{\"error\":"))
}

/// Whether this was seen, except lines that the page leaves out.
fn fits(shown: &str, seen: &str) -> bool {
    let line = |line: &str| if line == LEFT_OUT { r"(?:.*\n)*".to_owned() } else { regex::escape(line) };
    let pattern: String = shown.split_inclusive('\n').map(line).collect();
    Regex::new(&format!("^{pattern}$")).unwrap().is_match(seen)
}

#[test]
fn only_lines_that_are_left_out_may_differ() {
    assert!(fits("a\n…\nb (c)\n", "a\n1\n2\nb (c)\n") && fits("a\n…\n", "a\n") && fits("", ""));
    for seen in ["", "a\n", "a\nb (c)\nd\n", "0\na\nb (c)\n", "a\n1b (c)\n"] {
        assert!(!fits("a\n…\nb (c)\n", seen), "{seen}");
    }
    let shown = "uuid 0224cfe8-8425-48d5-84e8-85d7bdac0e14\nok       roles    10\nroles  10\n";
    assert_eq!(comparable(shown), "uuid UUID\nok       roles    COUNT\nroles  10\n");
    let issuer = "http://127.0.0.1:41991/auth/realms/insights on Keycloak 26.7.3\n";
    assert_eq!(comparable(issuer), "http://127.0.0.1:41991/realms/insights on Keycloak VERSION\n");
}

#[test]
fn a_page_is_rewritten_block_by_block() {
    let page = "# A\n```console\n$ kxi-auth a\nold\n```\n```sh\n$ kxi-auth a\nold\n```\n";
    let rewrites = [("$ kxi-auth a\nold\n".to_owned(), "$ kxi-auth a\nnew\n".to_owned())];
    assert_eq!(rewritten(page, &rewrites), page.replacen("old", "new", 1));
    assert!(shows_error("{\"error\":{}}\n") && shows_error("a\nerror: b\n") && !shows_error("an error: c\n"));
}
