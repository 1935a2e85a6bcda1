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
    /// Take the labels from this column of parquet files.
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Take the pictures from this column of parquet files.
    #[arg(long, value_name = "NAME")]
    image_column: Option<String>,
    /// Use JPEGs that end early as far as they go; what is missing of them is grey or blurred.
    #[arg(long)]
    accept_cut: bool,
}

impl CorrectionArgs {
    /// The corrections that the arguments ask for.
    ///
    /// # Errors
    /// If a new name is not given as `KEY=NAME`.
    pub fn read(&self) -> anyhow::Result<ClassCorrections> {
        let mut corrections = ClassCorrections {
            left_out: self.leave_out.iter().cloned().collect(),
            label_column: self.label_column.clone(),
            image_column: self.image_column.clone(),
            accept_cut: self.accept_cut,
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
        self.label_column.iter().for_each(|column| add("--label-column", column));
        self.image_column.iter().for_each(|column| add("--image-column", column));
        for (flag, is_set) in
            [("--draw-validation", self.draw_validation), ("--accept-cut", self.accept_cut)]
        {
            if is_set {
                typed.push(' ');
                typed += flag;
            }
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        corrections: CorrectionArgs,
    }

    #[test]
    fn what_is_typed_is_read_and_typed_again() {
        let line = "x --rename n01440764=fish --leave-out junk --validate-with pets/test \
                    --label-column fine_label --image-column img --accept-cut";
        let read = |words: &str| Line::parse_from(words.split(' ')).corrections;
        let corrections = read(line).read().unwrap();
        assert_eq!(corrections.label_column.as_deref(), Some("fine_label"));
        assert_eq!(corrections.image_column.as_deref(), Some("img"));
        assert!(corrections.accept_cut);
        assert_eq!(
            format!("x{}", read(line).as_typed()),
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        assert_eq!(read("x").read().unwrap(), ClassCorrections::default());
        assert_eq!(read("x --draw-validation").as_typed(), " --draw-validation");
    }
}
