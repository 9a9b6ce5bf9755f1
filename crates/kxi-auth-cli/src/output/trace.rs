//! `-v` and `-vv`: the core's traces on standard error. They contain no secrets and no tokens.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts tracing: `-v` shows each request, `-vv` everything. Only the core's traces are shown, because those
/// of other crates are about bytes, not about clients.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(color);
    let lines = lines.with_target(verbose > 1);
    tracing_subscriber::registry().with(lines).with(Targets::new().with_target("kxi_auth", level)).init();
}
