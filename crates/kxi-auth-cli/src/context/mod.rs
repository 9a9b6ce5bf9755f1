//! What every command can use: the settings, sign-in, prompts and progress.

mod interrupt;
mod prompt;

use std::cell::OnceCell;
use std::pin::Pin;

use kxi_auth_core::{ClientManager, ClientManagerBuilder, SecretString};

pub(crate) use crate::context::interrupt::Interrupt;
use crate::failure::Failure;
use crate::output::{self, Format, OutputArgs, Printer, Progress, Report};
use crate::secrets::{Stdin, secret_file};
use crate::settings::{self, ConnectionArgs, Credential, Settings, SignIn};

/// A future on the heap: with its requests it is large.
type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What every command can use.
pub(crate) struct Context<'a> {
    connection: &'a ConnectionArgs,
    pub(crate) printer: &'a Printer,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) stdin: Stdin,
    pub(crate) progress: Progress,
    settings: OnceCell<Settings>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        connection: &'a ConnectionArgs,
        output: &OutputArgs,
        printer: &'a Printer,
        interrupt: &'a Interrupt,
    ) -> Self {
        let progress = Progress::new(!output.quiet && output.verbose == 0);
        let stdin = Stdin::promised_to(connection.readers_of_stdin().next());
        Self { connection, printer, interrupt, stdin, progress, settings: OnceCell::new() }
    }

    pub(crate) fn format(&self) -> Format {
        self.printer.format
    }

    /// The connection settings. They are resolved once.
    pub(crate) fn settings(&self) -> Result<&Settings, Failure> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = Settings::resolve(self.connection)?;
        for file in &settings.unread {
            self.printer.warn(&format!("{} was skipped: permission denied", file.display()));
        }
        Ok(self.settings.get_or_init(|| settings))
    }

    /// A manager that signs in as the configured admin on first use. On a terminal, it prompts for a missing
    /// password.
    pub(crate) async fn manager(&self) -> Result<ClientManager, Failure> {
        let settings = self.settings()?;
        self.signed_in(settings, settings.builder().await?).await
    }

    /// Completes a builder with the configured sign-in. All other parameters are already set.
    pub(crate) async fn signed_in(
        &self,
        settings: &Settings,
        mut builder: ClientManagerBuilder,
    ) -> Result<ClientManager, Failure> {
        match settings.sign_in() {
            SignIn::User { name, password } => {
                if let Some(password) = self.credential(settings, "admin-password", &password, &name).await? {
                    builder = builder.password(password);
                }
                builder = builder.username(name);
            }
            SignIn::Client { id, secret } => {
                match self.credential(settings, "admin-client-secret", &secret, &id).await? {
                    Some(secret) => builder = builder.admin_client(id, secret),
                    None => return Err(missing_client_secret(&id)),
                }
            }
            SignIn::Missing => {}
        }
        settings::build(builder.on_write(self.interrupt.on_write()))
    }

    /// A manager that can only sign in as this client. It needs no admin.
    pub(crate) async fn signing_in_as(
        &self,
        id: &str,
        secret: SecretString,
    ) -> Result<ClientManager, Failure> {
        settings::build(self.settings()?.builder().await?.admin_client(id, secret))
    }

    async fn credential(
        &self,
        settings: &Settings,
        name: &str,
        credential: &Credential,
        who: &str,
    ) -> Result<Option<SecretString>, Failure> {
        let reader =
            if name == "admin-password" { "--admin-password-stdin" } else { "--admin-client-secret-stdin" };
        match credential {
            Credential::Variable => Ok(settings.secret(name)),
            Credential::File(path) => secret_file(path, &self.stdin, reader).await.map(Some),
            Credential::Stdin => self.stdin.secret(reader).await.map(Some),
            // The prompt comes after the other checks, so that no password is typed in vain if another setting
            // is rejected.
            Credential::Missing if settings.get("host").is_some() && prompt::can_ask() => {
                let what = if name == "admin-password" { "Password of" } else { "Secret of the client" };
                prompt::password(&format!("{what} {}: ", crate::output::plain(who))).await.map(Some)
            }
            Credential::Missing => Ok(None),
        }
    }

    /// Asks for confirmation on a terminal. Without a terminal, `--yes` is required.
    pub(crate) async fn confirm(&self, yes: bool, question: &str, what: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if self.stdin.is_taken() || !prompt::can_ask() {
            return Err(Failure::usage(format!("{what} requires --yes when no prompt is possible")));
        }
        if prompt::confirm(question).await? {
            return Ok(());
        }
        Err(Failure::local("not confirmed; nothing was changed"))
    }

    /// Prints the result, and returns the exit code. If standard output is a file, the terminal would stay
    /// empty while items arrive, so progress is shown. For a pipe none is shown, because its reader may
    /// itself write to the terminal.
    pub(crate) async fn print(&self, report: Report) -> u8 {
        let print = self.printer.print(report);
        if output::goes_to_a_file() { self.during("reading", print).await } else { print.await }
    }

    /// Waits for work, and shows progress on a terminal.
    pub(crate) fn during<'b, T: 'b>(
        &'b self,
        what: &'b str,
        work: impl Future<Output = T> + 'b,
    ) -> Work<'b, T> {
        Box::pin(self.progress.during(what, work))
    }
}

fn missing_client_secret(id: &str) -> Failure {
    let message = format!("the secret of the admin client `{id}` is missing");
    Failure::new("missing_parameter", crate::failure::exit_code::USAGE, message).with_hint(
        "set INSIGHTS_ADMIN_CLIENT_SECRET, or use --admin-client-secret-file FILE or \
         --admin-client-secret-stdin",
    )
}
