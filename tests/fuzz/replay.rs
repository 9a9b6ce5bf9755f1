//! Replays the corpora.

use std::fs;
use std::path::Path;

use super::TARGETS;

#[test]
fn every_input_of_the_corpora_passes() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    let mut failed = Vec::new();
    for (name, run) in TARGETS {
        let inputs: Vec<_> =
            fs::read_dir(corpora.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "the target {name} has no corpus");
        for path in inputs {
            let data = fs::read(&path).unwrap();
            let outcome = std::panic::catch_unwind(|| run(&data));
            failed.extend(outcome.is_err().then_some(path));
        }
    }
    assert!(failed.is_empty(), "these inputs fail, each with a message above: {failed:#?}");
}
