use clap::{CommandFactory as _, ValueEnum as _};

use super::*;
use crate::cli::Cli;

#[test]
fn no_script_holds_a_hidden_word() {
    for shell in Shell::value_variants() {
        let script = script(Cli::command(), *shell);
        assert!(script.contains("rotate-secret"), "{shell}");
        for word in ["create-client", "assign-roles", "get-available-roles", "get-client-secret"] {
            assert!(!script.contains(word), "{word} in the script for {shell}");
        }
    }
}
