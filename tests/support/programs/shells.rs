//! What bash, zsh and fish complete with a completion script: the shells themselves, with the script where
//! a user puts it, and nothing of the user's own configuration.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::programs::installed;
use crate::programs::pty::{Session, Terminal};

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// The script is sourced by the shell's start-up file.
    Bash,
    /// The script is a function in a folder of `fpath`, for `compinit` to find.
    Zsh,
    /// The script is a file among the user's completions.
    Fish,
}

/// A completion script in its shell.
pub struct Completion {
    shell: Shell,
    program: PathBuf,
    folder: TempDir,
}

/// What is typed behind the key that completes: it tells what the shell put in front of it.
const MARK: &str = "@end@";
/// On the terminal when the words that the shell made of a line are in the file [`WORDS`].
const WRITTEN: &str = "-- written --";
const PROMPT: &str = "ready> ";
const WORDS: &str = "words";
/// Ctrl-T, which both start-up files bind.
const INSERT_ALL: &str = "\u{14}";

/// readline has a function that puts all candidates into the line.
const BASH_START: &str = r#"
PS1='ready> '
bind 'set bell-style none'
bind '"\C-t": insert-completions'
. "$FOLDER/script"
"#;

/// zsh puts all candidates into the line if the completion says so.
const ZSH_START: &str = r#"
PS1='ready> '
unsetopt beep
fpath=("$FOLDER/functions" $fpath)
autoload -Uz compinit
compinit -u -d "$FOLDER/dump"
insert_all() { _main_complete; compstate[insert]=all; compstate[list]='' }
zle -C insert-all complete-word insert_all
bindkey '^T' insert-all
"#;

impl Shell {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    /// The program, which is also what `kxi-auth completions` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

impl Completion {
    /// Puts `script`, which completes `command`, where `shell` finds it. The command itself need not exist:
    /// a stand-in of that name goes before it.
    ///
    /// # Errors
    /// The shell is not installed, or the files cannot be written.
    pub fn new(shell: Shell, command: &str, script: &str) -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = installed::find(shell.name(), &path)
            .with_context(|| format!("`{}` was not found: install it, as `.ci/run` does", shell.name()))?;
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let write = |path: &str, text: &str| -> Result<()> {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap_or(folder.path()))?;
            std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
        };
        // Shells take it for a command only if it may be executed.
        let stand_in = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$FOLDER/{WORDS}\"\necho '{WRITTEN}'\n");
        write(&format!("bin/{command}"), &stand_in)?;
        executable(&folder.path().join("bin").join(command))?;
        // Empty, so that no file's name is a candidate.
        std::fs::create_dir(folder.path().join("work"))?;
        match shell {
            Shell::Bash => {
                write("script", script)?;
                write("bashrc", BASH_START)?;
            }
            Shell::Zsh => {
                write(&format!("functions/_{command}"), script)?;
                write(".zshrc", ZSH_START)?;
            }
            Shell::Fish => write(&format!("config/fish/completions/{command}.fish"), script)?,
        }
        Ok(Self { shell, program, folder })
    }

    /// What the shell offers for `line`, in its order: the command and words separated by blanks, of which
    /// none needs quotes. The last is completed, or a new one if a blank follows it. Each candidate is a
    /// whole word, without its description and without the `=` that some shells put behind an option.
    ///
    /// ```no_run
    /// # use kxi_auth_tests::programs::shells::{Completion, Shell};
    /// # fn main() -> anyhow::Result<()> {
    /// let completion = Completion::new(Shell::Fish, "lamp", "complete -c lamp -f -a 'on off'")?;
    /// assert_eq!(completion.candidates("lamp o")?, ["off", "on"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The shell fails, or does not get as far as to complete; the error holds what it showed.
    pub fn candidates(&self, line: &str) -> Result<Vec<String>> {
        let found = match self.shell {
            Shell::Bash | Shell::Zsh => inserted(line, &self.insert_all(line)?)?,
            Shell::Fish => self.asked(line)?,
        };
        let bare = |word: String| match word.strip_suffix('=') {
            Some(option) if option.starts_with("--") => option.to_owned(),
            _ => word,
        };
        Ok(found.into_iter().map(bare).collect())
    }

    /// Types `line` at the shell's prompt, lets it put all candidates in, and returns the words of what the
    /// line is then.
    fn insert_all(&self, line: &str) -> Result<Vec<String>> {
        let words = self.folder.path().join(WORDS);
        if words.exists() {
            std::fs::remove_file(&words)?;
        }
        let mut command = self.command()?;
        match self.shell {
            Shell::Zsh => command.args(["--no-global-rcs", "-i"]),
            _ => command.args(["--noprofile", "--rcfile"]).arg(self.folder.path().join("bashrc")).arg("-i"),
        };
        // Wide enough for all candidates side by side.
        let mut session = Terminal::new().size(24, 2000).start(command)?;
        type_at(&mut session, &format!("{line}{INSERT_ALL}{MARK}"))
            .with_context(|| format!("{} did not complete {line:?}", self.shell.name()))?;
        Ok(std::fs::read_to_string(words)?.lines().map(str::to_owned).collect())
    }

    /// Asks fish, which tells candidates without a terminal: one a line, its description behind a tab.
    fn asked(&self, line: &str) -> Result<Vec<String>> {
        let mut command = self.command()?;
        command.args(["--private", "-c", "complete --do-complete=$argv[1]", line]);
        let output = command.stdin(Stdio::null()).output().context("cannot start fish")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() && said.is_empty(), "fish did not complete {line:?}: {said}");
        let shown = String::from_utf8(output.stdout).context("fish wrote no UTF-8")?;
        Ok(shown.lines().map(|line| line.split('\t').next().unwrap_or(line).to_owned()).collect())
    }

    fn command(&self) -> Result<Command> {
        let folder = self.folder.path();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.join("bin")).chain(std::env::split_paths(&inherited));
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("FOLDER", folder)
            .env("HOME", folder)
            .env("PATH", std::env::join_paths(folders)?)
            .env("TERM", "dumb")
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("ZDOTDIR", folder)
            .current_dir(folder.join("work"));
        Ok(command)
    }
}

/// Types a line at the prompt, and waits until its command has run.
fn type_at(session: &mut Session, line: &str) -> Result<()> {
    session.expect(PROMPT)?;
    session.send_line(line)?;
    session.expect(WRITTEN).map(drop)
}

/// The candidates in the words that a shell made of `line`, of the key that inserts them all, and of the
/// mark behind it.
fn inserted(line: &str, words: &[String]) -> Result<Vec<String>> {
    let mut typed: Vec<&str> = line.split_whitespace().skip(1).collect();
    let part = if line.ends_with(' ') { None } else { typed.pop() };
    let whole = words.get(typed.len()..).filter(|_| typed.iter().zip(words).all(|(a, b)| a == b));
    let (last, found) =
        whole.and_then(<[_]>::split_last).with_context(|| format!("lost words: {words:?}"))?;
    let rest = last.strip_suffix(MARK).with_context(|| format!("not at the end: {words:?}"))?;
    let mut found = found.to_vec();
    // A blank follows what was put in, but for a few candidates; else it is what was typed.
    if !rest.is_empty() && Some(rest) != part {
        found.push(rest.to_owned());
    }
    Ok(found)
}

fn executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::installed::are_there;

    const BASH: &str = r#"
_lamp() {
    case ${COMP_WORDS[COMP_CWORD-1]} in
        --colour) COMPREPLY=($(compgen -W "red green" -- "$2")) ;;
        *) COMPREPLY=($(compgen -W "on off --colour --quiet" -- "$2")) ;;
    esac
    compopt -o nosort
}
complete -F _lamp lamp
"#;
    const ZSH: &str = r#"#compdef lamp
_lamp() {
    _arguments '--colour=[its light]:COLOUR:(red green)' '--quiet[say nothing]' '1: :->state'
    local -a states=('on:let there be light' 'off:and darkness')
    [[ $state = state ]] && _describe 'state' states
}
_lamp "$@"
"#;
    const FISH: &str = r"
complete -c lamp -f
complete -c lamp -n __fish_use_subcommand -a on -d 'let there be light'
complete -c lamp -n __fish_use_subcommand -a off
complete -c lamp -l colour -x -a 'red green'
complete -c lamp -l quiet -d 'say nothing'
";

    #[test]
    fn each_shell_tells_what_it_offers() {
        for (shell, script) in Shell::ALL.into_iter().zip([BASH, ZSH, FISH]) {
            if !are_there(&[shell.name()]).unwrap() {
                continue;
            }
            let lamp = Completion::new(shell, "lamp", script).unwrap();
            for (line, expected) in [
                ("lamp of", &["off"][..]),
                ("lamp on", &["on"]),
                ("lamp o", &["off", "on"]),
                ("lamp x", &[]),
                ("lamp --", &["--colour", "--quiet"]),
                ("lamp --c", &["--colour"]),
                ("lamp --colour ", &["green", "red"]),
                ("lamp --quiet --colour gr", &["green"]),
                ("lamp --colour x", &[]),
            ] {
                let mut found = lamp.candidates(line).unwrap();
                found.sort();
                assert_eq!(found, expected, "{line:?} in {shell:?}");
            }
        }
    }

    #[test]
    fn a_script_that_is_none_offers_nothing() {
        for shell in Shell::ALL {
            if !are_there(&[shell.name()]).unwrap() {
                continue;
            }
            let lamp = Completion::new(shell, "lamp", "").unwrap();
            assert_eq!(lamp.candidates("lamp o").unwrap(), [""; 0], "{shell:?}");
        }
    }

    #[test]
    fn words_that_are_not_the_lines_are_an_error() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(inserted("a b c", &words(&["b", "cd", "ce", MARK])).unwrap(), ["cd", "ce"]);
        assert_eq!(inserted("a b c", &words(&["b", "c@end@"])).unwrap(), [""; 0]);
        assert_eq!(inserted("a b --c", &words(&["b", "--cd=@end@"])).unwrap(), ["--cd="]);
        for lost in [&["x", MARK][..], &["b"], &[], &["b", "c"]] {
            assert!(inserted("a b c", &words(lost)).is_err(), "{lost:?}");
        }
    }
}
