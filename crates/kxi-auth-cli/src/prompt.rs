//! Questions to a person at a terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use kxi_auth_core::SecretString;

use crate::failure::Failure;
use crate::output::plain;

/// Whether there is somebody to ask: both what is asked and what is answered go through a terminal.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a password, which is not shown while it is typed.
pub(crate) fn password(question: &str) -> Result<SecretString, Failure> {
    let config = rpassword::ConfigBuilder::new().password_feedback_hide().output_discard().build();
    ask(question)?;
    let answer = rpassword::read_password_with_config(config);
    // The line end that was typed is hidden as well.
    ask("\n")?;
    match answer {
        Ok(answer) if answer.is_empty() => Err(Failure::usage("the password is empty")),
        Ok(answer) => Ok(SecretString::from(answer)),
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(Failure::interrupted("interrupted; nothing was changed"))
        }
        Err(error) => Err(Failure::local(format!("cannot ask for the password: {error}"))),
    }
}

/// Asks a question that only `y` or `yes` answers with yes. It can be dropped while it waits.
pub(crate) async fn confirm(question: &str) -> Result<bool, Failure> {
    ask(&format!("{} [y/N] ", plain(question)))?;
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    let answer = read.await.map_err(|error| Failure::local(format!("cannot ask: {error}")))?;
    let answer = answer.map_err(|error| Failure::local(format!("cannot ask: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
}

fn ask(text: &str) -> Result<(), Failure> {
    let mut terminal = std::io::stderr().lock();
    let asked = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    asked.map_err(|error| Failure::local(format!("cannot ask: {error}")))
}
