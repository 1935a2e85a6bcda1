//! All files of a set take their labels from the same column.

use resnette_image_parquet::{Footer, LabelColumn, LabelKind, ParquetError};

/// The column of labels of the first file of a set.
#[derive(Clone, Debug)]
pub struct FirstColumn {
    file: String,
    column: String,
    meaning: Meaning,
}

/// How a column's labels tell what they stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// They are the names of classes.
    Texts,
    /// They are numbers of classes that the file names.
    NamedNumbers,
    /// They are numbers, and the file does not tell of what.
    Numbers,
}

impl Meaning {
    fn of(column: &LabelColumn) -> Self {
        match (column.kind, &column.class_names) {
            (LabelKind::Text, _) => Self::Texts,
            (_, Some(_)) => Self::NamedNumbers,
            (_, None) => Self::Numbers,
        }
    }

    /// Whether labels of both may be of one set if their columns have the same name. Nothing says
    /// which text a number without a name stands for.
    fn fits(self, other: Self) -> bool {
        !matches!((self, other), (Self::Texts, Self::Numbers) | (Self::Numbers, Self::Texts))
    }

    /// Whether the labels are matched by names, whatever their column is called.
    fn is_named(self) -> bool {
        self != Self::Numbers
    }
}

impl FirstColumn {
    /// The column that this file uses.
    pub fn of(file: &str, footer: &Footer) -> Option<Self> {
        let column = footer.label_column()?;
        let meaning = Meaning::of(column);
        Some(Self { file: file.into(), column: column.name.clone(), meaning })
    }

    /// Has another file of the set use the column of the same name. If it has none, or one that
    /// does not go with the first, a column is used whose classes have names, if those of the first
    /// have too: they are matched by their names. Where the reader chose the column (`is_chosen`),
    /// no other takes its place.
    ///
    /// # Errors
    /// [`ParquetError::OtherColumn`] if the labels of one of them are numbers without names, which
    /// in another column may mean anything, and [`ParquetError::OtherKind`] if they are texts in
    /// one and such numbers in the other.
    pub fn apply(
        &self,
        file: &str,
        footer: &mut Footer,
        is_chosen: bool,
    ) -> Result<(), ParquetError> {
        let of_name = |same: &dyn Fn(&str) -> bool| {
            let mut columns = footer.label_columns().iter().filter(|column| same(&column.name));
            columns.next().map(|column| (column.name.clone(), Meaning::of(column)))
        };
        let same = match is_chosen {
            true => footer.label_column().map(|used| (used.name.clone(), Meaning::of(used))),
            false => of_name(&|name| name == self.column)
                .or_else(|| of_name(&|name| name.eq_ignore_ascii_case(&self.column))),
        };
        if let Some((name, meaning)) = &same
            && self.meaning.fits(*meaning)
            && footer.use_label_column(name)
        {
            return Ok(());
        }
        if self.meaning.is_named() && !is_chosen {
            let named = footer.label_columns().iter().filter(|own| Meaning::of(own).is_named());
            let named: Vec<String> = named.map(|own| own.name.clone()).collect();
            if named.iter().any(|name| footer.use_label_column(name)) {
                return Ok(());
            }
        }
        let name = file.to_owned();
        Err(match same {
            Some((column, meaning)) if !self.meaning.fits(meaning) => ParquetError::OtherKind {
                name,
                column,
                other: self.file.clone(),
                is_text: meaning == Meaning::Texts,
            },
            _ => ParquetError::OtherColumn {
                name,
                column: footer.label_column().map(|own| own.name.clone()).unwrap_or_default(),
                other: self.file.clone(),
                wanted: self.column.clone(),
            },
        })
    }
}
