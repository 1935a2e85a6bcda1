//! Folders that are neither a class nor a split, whatever the other folders are: masks and other
//! notes that are pictures, pictures that say themselves that they have no label, and archives in
//! which each picture's label lies beside it.
//!
//! They are taken out of the tree before classes are looked for, so that none becomes a class, and
//! no mask of a cat a picture of the class of cats.

use std::collections::BTreeSet;

use crate::load::folder_tree::FolderTree;
use crate::load::layout::Reason;
use crate::load::split_name::{content_words, says_nothing};

/// Words that name pictures about pictures.
const NOTES: [&str; 17] = [
    "mask",
    "masks",
    "annotation",
    "annotations",
    "label",
    "labels",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
    "trimap",
    "trimaps",
    "groundtruth",
    "ground",
    "truth",
    "gt",
    "bboxes",
];
/// What pictures without a label are called.
const UNLABELLED: [&str; 2] = ["unlabelled", "unlabeled"];
/// The pictures' folder of the Pascal VOC challenges, whose name says nothing either.
const VOC_PICTURES: &str = "jpegimages";

/// Takes such folders out of the tree, and gives each with why.
pub fn set_aside(tree: &mut FolderTree) -> Vec<(usize, Reason)> {
    let mut found = Vec::new();
    for around in 0..tree.len() {
        let children = tree.children(around);
        let with_pictures = children.iter().any(|child| holds_pictures(tree.name(*child)));
        let names: BTreeSet<&str> = children.iter().map(|child| tree.name(*child)).collect();
        for &folder in &children {
            let words = content_words(tree.name(folder));
            let all_in = |known: &[&str]| {
                !words.is_empty() && words.iter().all(|word| known.contains(&word.as_str()))
            };
            // `annotations/cat` lies beside `cat`, or `masks` beside `images`.
            let is_about = || {
                let inside = tree.children(folder);
                with_pictures || inside.iter().any(|inner| names.contains(tree.name(*inner)))
            };
            if all_in(&NOTES) && is_about() {
                found.push((folder, Reason::Notes));
            } else if all_in(&UNLABELLED) && children.len() > 1 && tree.children(folder).is_empty()
            {
                found.push((folder, Reason::Unlabelled));
            } else if tree.has_labels_beside(folder) {
                found.push((folder, Reason::LabelsBeside));
            }
        }
    }
    found.iter().for_each(|(folder, _)| tree.hide(*folder));
    found
}

/// Whether a folder's name says that it holds the pictures, and nothing about what they show.
pub fn holds_pictures(name: &str) -> bool {
    says_nothing(name) || name.eq_ignore_ascii_case(VOC_PICTURES)
}
