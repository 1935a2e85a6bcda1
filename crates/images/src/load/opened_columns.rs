//! Which columns of opened parquet files could be used, so that a reader can choose.

use resnette_image_parquet::{ColumnChoice, Footer};
use resnette_picture::report::{ClassCorrections, ColumnReport, OpenedReport};

/// The most columns that a reader chooses from.
const MAX_COLUMNS: usize = 32;

/// The columns that a reader chose.
pub fn chosen_columns(corrections: &ClassCorrections) -> ColumnChoice<'_> {
    ColumnChoice {
        labels: corrections.label_column.as_deref(),
        pictures: corrections.image_column.as_deref(),
    }
}

/// Adds the columns of a file to those of the files before it.
pub fn add_columns(report: &mut OpenedReport, footer: &Footer) {
    let labels = footer.label_columns().iter().map(|column| column.name.as_str());
    let used = footer.label_column().map_or("", |column| column.name.as_str());
    add(&mut report.label_columns, labels, used);
    let pictures = footer.picture_columns();
    let used = pictures.first().map_or("", String::as_str);
    add(&mut report.image_columns, pictures.iter().map(String::as_str), used);
}

fn add<'a>(columns: &mut ColumnReport, names: impl Iterator<Item = &'a str>, used: &str) {
    if columns.names.is_empty() {
        columns.used = used.into();
    }
    for name in names {
        if columns.names.len() < MAX_COLUMNS && !columns.names.iter().any(|known| known == name) {
            columns.names.push(name.into());
        }
    }
}

/// What to tell about the columns of a file, if several would do.
pub fn column_notices(footer: &Footer) -> Vec<String> {
    let labels: Vec<&str> =
        footer.label_columns().iter().map(|column| column.name.as_str()).collect();
    let used = footer.label_column().map_or("", |column| column.name.as_str());
    let pictures: Vec<&str> = footer.picture_columns().iter().map(String::as_str).collect();
    let picture = pictures.first().copied().unwrap_or_default();
    let notices = [notice("labels", &labels, used), notice("pictures", &pictures, picture)];
    notices.into_iter().flatten().collect()
}

fn notice(what: &str, names: &[&str], used: &str) -> Option<String> {
    /// The most columns that are named.
    const MAX: usize = 6;
    let listed: Vec<&str> = names.iter().take(MAX).copied().collect();
    let and_more = if names.len() > MAX { " and more" } else { "" };
    (names.len() > 1).then(|| {
        format!(
            "it has {} columns of {what} ({}{and_more}); “{used}” is used",
            names.len(),
            listed.join(", ")
        )
    })
}
