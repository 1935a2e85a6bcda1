//! What the command line corrects about the classes and the split of opened pictures, as the page
//! lets its reader do.

use resnette_picture::report::{ClassCorrections, Validation};

use crate::quoted::quoted;

/// The corrections. `resnette data` prints the keys and the folders that they name.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CorrectionArgs {
    /// Give a class another name, as KEY=NAME. Classes with the same name become one.
    #[arg(long, value_name = "KEY=NAME")]
    rename: Vec<String>,
    /// Leave out the class with this key.
    #[arg(long, value_name = "KEY")]
    leave_out: Vec<String>,
    /// Validate with the pictures in this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "draw_validation")]
    validate_with: Option<String>,
    /// Validate with one in five pictures of each class, whatever the folders are called.
    #[arg(long)]
    draw_validation: bool,
}

impl CorrectionArgs {
    /// The corrections that the arguments ask for.
    ///
    /// # Errors
    /// If a new name is not given as `KEY=NAME`.
    pub fn read(&self) -> anyhow::Result<ClassCorrections> {
        let mut corrections = ClassCorrections {
            left_out: self.leave_out.iter().cloned().collect(),
            ..ClassCorrections::default()
        };
        for rename in &self.rename {
            let Some((key, name)) = rename.rsplit_once('=') else {
                anyhow::bail!(
                    "--rename takes a class's key and its new name, as in n01440764=fish"
                );
            };
            corrections.names.insert(key.into(), name.into());
        }
        corrections.validation = match &self.validate_with {
            Some(folder) => Some(Validation::Folder(folder.clone())),
            None => self.draw_validation.then_some(Validation::Drawn),
        };
        Ok(corrections)
    }

    /// The arguments as a shell reads them, each with a space before it.
    pub fn as_typed(&self) -> String {
        let mut typed = String::new();
        let mut add = |name: &str, value: &str| typed += &format!(" {name} {}", quoted(value));
        self.rename.iter().for_each(|rename| add("--rename", rename));
        self.leave_out.iter().for_each(|key| add("--leave-out", key));
        self.validate_with.iter().for_each(|folder| add("--validate-with", folder));
        if self.draw_validation {
            typed += " --draw-validation";
        }
        typed
    }
}
