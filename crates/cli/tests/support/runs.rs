//! Runs of a second, started, stopped and compared.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use resnette_engine::model::safetensors;
use resnette_engine::model::weights::Weights;

use super::{Folder, PROGRAM, works};

/// A run of four epochs, with gradients that wait for a step when it is stopped.
pub const SETTINGS: &str = "#source=drawn&train=16&valid=4&size=32&bs=8&epochs=4&lr=0.01&\
                            layers=1&width=8&stem=8&accumulate=2&seed=3";

/// The results of a run that nothing interrupted: the table without times, and the weights.
pub fn unbroken(folder: &Folder) -> (Vec<String>, Weights) {
    let out = folder.file("unbroken");
    works(&["train", SETTINGS, "--out", &out]);
    results(&out)
}

/// The results in a folder.
pub fn results(out: &str) -> (Vec<String>, Weights) {
    let table = fs::read_to_string(Path::new(out).join("history.csv")).unwrap();
    let rows: Vec<String> =
        table.lines().map(|row| row.rsplit_once(',').unwrap().0.to_string()).collect();
    assert_eq!(rows.len(), 5, "{table}");
    let model = fs::read(Path::new(out).join("model.safetensors")).unwrap();
    (rows, safetensors::read(&model).unwrap().1)
}

/// Starts the program so that what it prints can be read.
pub fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for the header of the table and as many epochs. Who does not keep what is returned reads
/// the table no further.
pub fn wait_for_epochs(child: &mut Child, epochs: usize) -> Lines<BufReader<ChildStdout>> {
    let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(rows.by_ref().take(epochs + 1).filter(Result::is_ok).count(), epochs + 1);
    rows
}

/// Sends a signal, such as `-INT`, as often as it is asked for.
pub fn signal(child: &Child, name: &str, times: usize) {
    let kill = format!("kill {name} {} 2>/dev/null;", child.id());
    let status = Command::new("sh").args(["-c", &(kill.repeat(times) + "true")]).status();
    assert!(status.unwrap().success());
}

/// Waits for the end: the exit status (`None` if a signal ended it) and what was told.
pub fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    (child.wait().unwrap().code(), told)
}
