//! Parquet: a file alone (read group by group), two halves of a set (a stratified draw), several
//! parts of one, and a footer without a file, with each of its columns of labels.

#![no_main]

#[allow(dead_code)]
#[path = "../../crates/images/tests/data/made.rs"]
mod made;

use libfuzzer_sys::fuzz_target;
use made::{Held, config, load};
use resnette_image_parquet::Footer;

/// The claimed length of a file that a lone footer describes.
const LENGTH: u64 = 1 << 40;

fuzz_target!(|bytes: &[u8]| {
    // Whatever a footer says, its columns lie inside its file: nothing later checks that again.
    if let Ok(mut footer) = Footer::parse(bytes, LENGTH, "p") {
        let columns: Vec<String> = footer.label_columns().iter().map(|column| column.name.clone()).collect();
        for column in columns {
            footer.use_label_column(&column);
            for chunk in footer.groups.iter().flat_map(|group| [group.pictures, group.labels]) {
                assert!(chunk.start + chunk.length <= LENGTH);
            }
        }
    }
    let file = |path: &str| Held::new(path, bytes.to_vec());
    let _ = load(&[file("p.parquet")], &config(3, 2), 0);
    let _ = load(&[file("p/train/0000.parquet"), file("p/validation/0000.parquet")], &config(3, 2), 0);
    let parts = ["train-0.parquet", "train-1.parquet", "validation-0.parquet"].map(file);
    let _ = load(&parts, &config(3, 2), 0);
});
