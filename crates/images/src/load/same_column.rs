//! All files of a set take their labels from the same column.

use resnette_image_parquet::{Footer, ParquetError};

use crate::load::parquet_classes::is_nameless;

/// The column of labels of the first file of a set.
#[derive(Clone, Debug)]
pub struct FirstColumn {
    file: String,
    column: String,
    nameless: bool,
}

impl FirstColumn {
    /// The column that this file uses.
    pub fn of(file: &str, footer: &Footer) -> Option<Self> {
        let column = footer.label_column()?.name.clone();
        Some(Self { file: file.into(), column, nameless: is_nameless(footer) })
    }

    /// Has another file of the set use the column of the same name. If it has none, its own is used
    /// if both files name their classes, since these are matched by their names.
    ///
    /// # Errors
    /// [`ParquetError::OtherColumn`] if the labels of one of them are numbers without names, which
    /// in another column may mean anything.
    pub fn apply(&self, file: &str, footer: &mut Footer) -> Result<(), ParquetError> {
        let same = |name: &str| name.eq_ignore_ascii_case(&self.column);
        let mut names = footer.label_columns().iter().map(|column| column.name.clone());
        if let Some(name) = names.find(|name| same(name))
            && footer.use_label_column(&name)
        {
            return Ok(());
        }
        if !self.nameless && !is_nameless(footer) {
            return Ok(());
        }
        Err(ParquetError::OtherColumn {
            name: file.into(),
            column: footer.label_column().map(|column| column.name.clone()).unwrap_or_default(),
            other: self.file.clone(),
            wanted: self.column.clone(),
        })
    }
}
