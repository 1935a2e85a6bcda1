//! The folders of everything that was opened, with the number of pictures in each.
//!
//! An archive counts as a folder of its own name, so that an archive, the same archive unpacked,
//! and one archive for each class are the same to whoever looks at the tree.

use std::collections::BTreeMap;

use crate::load::entry::wordnet_id;
use crate::load::file_kind::without_archive_ending;

/// The most folders that are looked at. ImageNet has two thousand.
const MAX_FOLDERS: usize = 200_000;
/// The most bytes that the names of folders take.
const MAX_NAME_BYTES: usize = 64 << 20;
/// The deepest nesting of folders.
const MAX_DEPTH: usize = 200;
/// The longest path of a folder, in bytes, as on Linux.
const MAX_PATH_BYTES: usize = 4_096;

/// The folder in which everything that was opened lies.
pub const ROOT: usize = 0;

/// Stands at the end of an archive's name, since a folder may be called `cats.zip` too. No name of
/// a file or folder has this character.
pub const ARCHIVE_MARK: char = '/';

/// There are too many folders, or they are nested too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "its folder is one too many (at most 200,000 folders are looked at, 200 inside each other with a path of 4,096 bytes); open fewer at once, or give folders shorter names"
)]
pub struct TooManyFolders;

/// A folder, or an archive.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Its own name.
    name: String,
    parent: usize,
    /// The folders in it by their names.
    children: BTreeMap<String, usize>,
    /// The number of pictures directly in it.
    pub pictures: u32,
    /// How many of them have a name that begins with a WordNet id.
    with_id: u32,
    /// Whether it is none of the folders around it any more.
    hidden: bool,
    /// Whether each picture in it has a label in a file beside it.
    labels_beside: bool,
}

/// The folders that hold pictures, and the folders around those.
#[derive(Clone, Debug)]
pub struct FolderTree {
    folders: Vec<Folder>,
    name_bytes: usize,
}

impl Default for FolderTree {
    fn default() -> Self {
        Self { folders: vec![Folder::default()], name_bytes: 0 }
    }
}

impl FolderTree {
    /// Counts a picture, given the folders that it lies in, from the outermost on, and its name.
    ///
    /// # Errors
    /// [`TooManyFolders`].
    pub fn add(&mut self, folders: &[&str], file: &str) -> Result<(), TooManyFolders> {
        let path_bytes: usize = folders.iter().map(|name| name.len() + 1).sum();
        if folders.len() > MAX_DEPTH || path_bytes > MAX_PATH_BYTES {
            return Err(TooManyFolders);
        }
        let mut at = ROOT;
        for name in folders {
            at = match self.child(at, name) {
                Some(child) => child,
                None => self.add_folder(at, name)?,
            };
        }
        if let Some(folder) = self.folders.get_mut(at) {
            folder.pictures = folder.pictures.saturating_add(1);
            folder.with_id = folder.with_id.saturating_add(wordnet_id(file).is_some().into());
        }
        Ok(())
    }

    fn add_folder(&mut self, parent: usize, name: &str) -> Result<usize, TooManyFolders> {
        self.name_bytes += 2 * name.len();
        if self.folders.len() >= MAX_FOLDERS || self.name_bytes > MAX_NAME_BYTES {
            return Err(TooManyFolders);
        }
        let number = self.folders.len();
        if let Some(parent) = self.folders.get_mut(parent) {
            parent.children.insert(name.into(), number);
        }
        self.folders.push(Folder { name: name.into(), parent, ..Folder::default() });
        Ok(number)
    }

    fn child(&self, at: usize, name: &str) -> Option<usize> {
        self.folders.get(at)?.children.get(name).copied()
    }

    /// The number of the folder at this path; `None` if no picture lies in it or below it.
    pub fn find(&self, folders: &[&str]) -> Option<usize> {
        folders.iter().try_fold(ROOT, |at, name| self.child(at, name))
    }

    /// The number of folders.
    pub fn len(&self) -> usize {
        self.folders.len()
    }

    /// The folders directly in a folder, in the order of their names, less the hidden ones.
    pub fn children(&self, at: usize) -> Vec<usize> {
        let is_shown = |child: &usize| self.folders.get(*child).is_some_and(|own| !own.hidden);
        self.folders
            .get(at)
            .map(|folder| folder.children.values().copied().filter(is_shown).collect())
            .unwrap_or_default()
    }

    /// Takes a folder out of what lies in the folder around it. It can still be found by its path.
    pub fn hide(&mut self, at: usize) {
        if let Some(folder) = self.folders.get_mut(at) {
            folder.hidden = true;
        }
    }

    /// Notes that each picture in the folder at this path has a label in a file beside it.
    pub fn note_labels_beside(&mut self, folders: &[&str]) {
        if let Some(folder) = self.find(folders).and_then(|at| self.folders.get_mut(at)) {
            folder.labels_beside = true;
        }
    }

    /// Whether each picture in a folder has a label in a file beside it, and there are no folders
    /// in it that could say what the pictures show.
    pub fn has_labels_beside(&self, at: usize) -> bool {
        self.folders.get(at).is_some_and(|own| own.labels_beside && own.children.is_empty())
    }

    /// The number of pictures directly in a folder.
    pub fn pictures(&self, at: usize) -> u32 {
        self.folders.get(at).map_or(0, |folder| folder.pictures)
    }

    /// The number of pictures in a folder and in the folders in it.
    pub fn pictures_below(&self, at: usize) -> u32 {
        self.below(at).into_iter().map(|folder| self.pictures(folder)).fold(0, u32::saturating_add)
    }

    /// A folder and all folders in it, from the outside in.
    pub fn below(&self, at: usize) -> Vec<usize> {
        let mut found = vec![at];
        let mut next = 0;
        while let Some(&folder) = found.get(next) {
            found.extend(self.children(folder));
            next += 1;
        }
        found
    }

    /// The folder around a folder.
    pub fn parent(&self, at: usize) -> usize {
        self.folders.get(at).map_or(ROOT, |folder| folder.parent)
    }

    /// A folder's own name; an archive's without its ending.
    pub fn name(&self, at: usize) -> &str {
        self.folders.get(at).map_or("", |folder| match folder.name.strip_suffix(ARCHIVE_MARK) {
            Some(archive) => without_archive_ending(archive),
            None => &folder.name,
        })
    }

    /// A folder's path, from what was opened on. The name of an archive is left out if it is all
    /// that was opened and holds a folder.
    pub fn path(&self, at: usize) -> String {
        let mut names = Vec::new();
        let mut folder = at;
        while folder != ROOT {
            let Some(Folder { name, parent, .. }) = self.folders.get(folder) else { break };
            let is_wrapping = *parent == ROOT
                && !names.is_empty()
                && self.folders.first().is_some_and(|root| root.children.len() == 1)
                && name.ends_with(ARCHIVE_MARK);
            if !is_wrapping {
                names.push(name.trim_end_matches(ARCHIVE_MARK));
            }
            folder = *parent;
        }
        names.reverse();
        names.join("/")
    }

    /// Whether the names of the pictures directly in a folder tell their classes, as
    /// `n01440764_10026.JPEG` does: most of them begin with a WordNet id.
    pub fn is_labelled_by_names(&self, at: usize) -> bool {
        self.folders.get(at).is_some_and(|folder| folder.with_id > folder.pictures / 2)
    }
}
