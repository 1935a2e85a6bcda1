//! The native command line, which the page's numbers are held against, and PyTorch, which makes
//! pretrained networks.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::stage::scratch;

/// The native command line, where it has been built.
pub fn native() -> Option<PathBuf> {
    let own = env::current_exe().ok()?;
    // Cargo puts programs into the checkout's own folder, even where it builds in a shared one.
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let targets = [Some(checkout), own.ancestors().nth(3).map(Path::to_path_buf)];
    let built = targets.into_iter().flatten().flat_map(|target| {
        ["debug", "release"].map(|profile| target.join(profile).join("resnette"))
    });
    env::var_os("RESNETTE_BIN")
        .map(PathBuf::from)
        .into_iter()
        .chain(built)
        .find(|path| path.is_file())
}

/// Runs a program and returns what it prints.
pub fn run(program: &Path, arguments: &[&str]) -> Result<String, Failed> {
    let output = Command::new(program).args(arguments).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

/// `resnette predict --json`: class and probability, a map a picture.
pub fn predict(
    native: &Path,
    model: &Path,
    pictures: &[PathBuf],
) -> Result<Vec<BTreeMap<String, f64>>, Failed> {
    let model = model.display().to_string();
    let names: Vec<String> = pictures.iter().map(|file| file.display().to_string()).collect();
    let arguments = ["predict", "--json", "--model", &model]
        .into_iter()
        .chain(names.iter().map(String::as_str));
    let told = run(native, &arguments.collect::<Vec<_>>())?;
    let of = |line: &str| -> Result<BTreeMap<String, f64>, Failed> {
        let answer: Value = serde_json::from_str(line)?;
        let classes =
            answer["predictions"].as_array().ok_or_else(|| format!("no predictions: {line}"))?;
        let pair = |class: &Value| {
            Some((class["class"].as_str()?.to_owned(), class["probability"].as_f64()?))
        };
        classes
            .iter()
            .map(|class| pair(class).ok_or_else(|| format!("no class: {class}").into()))
            .collect()
    };
    told.lines().map(of).collect()
}

/// torchvision's own ResNet-18 with seeded weights, written as safetensors; nothing where there is
/// no torchvision.
pub fn resnet18(name: &str) -> Result<Option<PathBuf>, Failed> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/engine/tests/golden");
    let python = |arguments: &[&str]| {
        Command::new("/usr/bin/python3").args(arguments).current_dir(&golden).output()
    };
    if !python(&["-c", "import torchvision"]).is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let folder = scratch(name)?;
    let output = python(&["torchvision_weights.py", &folder.display().to_string(), "resnet18"])?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(Some(folder.join("resnet18.safetensors")))
}
