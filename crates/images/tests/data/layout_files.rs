//! Folders of drawings in any layout, for the table and the tests of layouts.

use crate::fixtures::{gzip, jpeg, tar};
use crate::made::Held;

/// Pictures in folders: of each folder its path, which drawing is in it, and how many. No two
/// pictures are the same, and their names go on from folder to folder with the same drawing.
pub fn folders(all: &[(&str, usize, u64)]) -> Vec<(String, Vec<u8>)> {
    let mut next = [0_u64; 10];
    let mut files = Vec::new();
    for &(path, drawing, count) in all {
        for _ in 0..count {
            let index = next[drawing];
            next[drawing] += 1;
            files.push((format!("{path}/{drawing}{index:03}.jpg"), jpeg(drawing, index)));
        }
    }
    files
}

/// Pictures whose names begin with a WordNet id: of each their folder, the id, which drawing, and
/// how many.
pub fn named(all: &[(&str, &str, usize, u64)]) -> Vec<(String, Vec<u8>)> {
    let pictures = all.iter().flat_map(|&(path, id, drawing, count)| {
        (0..count).map(move |index| {
            (format!("{path}/{id}_{drawing}{index:03}.JPEG"), jpeg(drawing, index))
        })
    });
    pictures.collect()
}

/// The files in an archive of this name.
pub fn archive(name: &str, files: &[(String, Vec<u8>)]) -> Vec<Held> {
    let bytes = tar(files);
    vec![Held::new(name, if name.ends_with('z') { gzip(&bytes) } else { bytes })]
}
