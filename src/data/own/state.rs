//! Classes that a reader makes: their names and pictures.

use crate::data::own::class::OwnClass;
use crate::data::own::picture::OwnPicture;
use crate::data::own::undo::Removed;
use crate::widgets::format;

/// The least number of classes: with fewer there is nothing to distinguish.
const FEWEST_CLASSES: usize = 2;
/// The least number of pictures in a class: with fewer there is nothing to validate on.
const FEWEST_PICTURES: usize = 5;
/// The largest number of classes, enough for a table of names. Larger sets come as folders.
pub const MOST_CLASSES: usize = 20;
/// The largest number of pictures in all classes together, each of which is shown. Larger sets come
/// as folders.
pub const MOST_PICTURES: usize = 1_000;
/// The largest number of characters in a name.
pub const MOST_NAME_CHARS: usize = 60;

/// All classes that the reader makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Own<Picture = OwnPicture> {
    /// The classes, in the order in which they were made. There are at least two.
    pub classes: Vec<OwnClass<Picture>>,
    /// The class that the reader edited last. Pasted pictures go to it.
    chosen: usize,
    /// The id of the next class.
    next: usize,
    /// Whether something was put in. The section stays open from then on.
    pub begun: bool,
    /// Whether the browser was asked for the classes of an earlier visit: from then on the classes
    /// may be written over what it keeps.
    pub searched: bool,
    /// What was removed last; it can come back.
    pub removed: Option<Removed<Picture>>,
    /// What the reader should know about the last change.
    pub note: Option<String>,
    /// Why the classes as they are now are not kept for the next visit.
    pub unkept: Option<String>,
}

/// A name and its pictures, from a file or from an earlier visit.
pub type NamedClass<Picture = OwnPicture> = (String, Vec<Picture>);

/// A change of the classes.
#[derive(Clone, Debug)]
pub enum OwnAction<Picture = OwnPicture> {
    /// Renames the class at this index.
    Rename(usize, String),
    /// Adds pictures to the class with this id.
    Add(usize, Vec<Picture>),
    /// Adds pasted pictures to the class that was edited last.
    Paste(Vec<Picture>),
    /// The reader turns to the class at this index.
    Choose(usize),
    /// Removes the class at this index, or its pictures if only two classes are left.
    Remove(usize),
    /// Removes a picture: the id of its class, and its index there.
    RemovePicture(usize, usize),
    /// Moves a picture, given as in [`RemovePicture`](Self::RemovePicture), to the class with this
    /// id.
    Move(usize, usize, usize),
    /// Adds a class.
    More,
    /// Brings back what was removed last.
    Undo,
    /// The classes of an earlier visit were looked for, and these were found.
    Found(Vec<NamedClass<Picture>>),
    /// Classes from a file take the place of these.
    Open(Vec<NamedClass<Picture>>),
    /// Something about the classes did not work, for this reason.
    Note(String),
    /// The classes are kept by now, or are not, for this reason.
    Kept(Result<(), String>),
}

impl<Picture> Default for Own<Picture> {
    fn default() -> Self {
        Self {
            classes: (0..FEWEST_CLASSES).map(empty).collect(),
            chosen: 0,
            next: FEWEST_CLASSES,
            begun: false,
            searched: false,
            removed: None,
            note: None,
            unkept: None,
        }
    }
}

fn empty<Picture>(id: usize) -> OwnClass<Picture> {
    OwnClass { id, name: String::new(), pictures: Vec::new() }
}

impl<Picture> Own<Picture> {
    /// Applies a change. A change to a class that is gone does nothing.
    pub fn act(&mut self, action: OwnAction<Picture>) {
        if !matches!(action, OwnAction::Choose(_) | OwnAction::Kept(_)) {
            self.note = None;
        }
        match action {
            OwnAction::Rename(at, name) => self.change(at, |class| class.name = name),
            OwnAction::Add(id, pictures) => {
                if let Some(at) = self.index_of(id) {
                    self.add(at, pictures);
                }
            }
            OwnAction::Paste(pictures) => self.add(self.chosen, pictures),
            OwnAction::Choose(at) => self.chosen = at.min(self.classes.len() - 1),
            OwnAction::Remove(at) => self.remove(at),
            OwnAction::RemovePicture(id, at) => {
                if let Some(picture) = self.take(id, at) {
                    self.removed = Some(Removed::Picture { class: id, at, picture });
                }
            }
            OwnAction::Move(from, at, to) => self.move_picture(from, at, to),
            OwnAction::More if self.is_full() => {}
            OwnAction::More => self.push(String::new(), Vec::new()),
            OwnAction::Undo => self.undo(),
            OwnAction::Found(classes) => {
                self.unkept = None;
                self.found(classes);
            }
            OwnAction::Open(classes) => self.open(classes),
            OwnAction::Note(note) => self.note = Some(note),
            OwnAction::Kept(outcome) => self.unkept = outcome.err(),
        }
    }

    fn index_of(&self, id: usize) -> Option<usize> {
        self.classes.iter().position(|class| class.id == id)
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut OwnClass<Picture>)) {
        if let Some(class) = self.classes.get_mut(at) {
            change(class);
            self.begun = true;
        }
    }

    /// Adds pictures as long as there are not too many.
    fn add(&mut self, at: usize, mut pictures: Vec<Picture>) {
        let room = MOST_PICTURES.saturating_sub(self.pictures());
        if pictures.len() > room {
            self.note = Some(format!(
                "{} were not added: {} are the most that can be edited here. Open larger sets as a \
                 folder under My files.",
                format::plural((pictures.len() - room) as u64, "picture"),
                format::count(MOST_PICTURES as u64)
            ));
            pictures.truncate(room);
        }
        self.change(at, |class| class.pictures.extend(pictures));
    }

    fn push(&mut self, name: String, pictures: Vec<Picture>) {
        self.classes.push(OwnClass { name, pictures, ..empty(self.next) });
        self.next += 1;
    }

    fn remove(&mut self, at: usize) {
        if self.classes.len() <= FEWEST_CLASSES {
            let mut removed = None;
            self.change(at, |class| {
                let pictures = std::mem::take(&mut class.pictures);
                removed = Some(Removed::Pictures { class: class.id, pictures })
                    .filter(|removed| removed.pictures() > 0);
            });
            self.removed = removed.or(self.removed.take());
        } else if at < self.classes.len() {
            let class = self.classes.remove(at);
            self.removed = Some(Removed::Class { at, class });
            // The class that was edited last stays the same one if a class before it is removed. If
            // it is removed itself, its neighbour takes its place.
            self.chosen -= usize::from(at < self.chosen);
            self.chosen = self.chosen.min(self.classes.len() - 1);
        }
    }

    /// Takes a picture out of the class with this id.
    fn take(&mut self, id: usize, at: usize) -> Option<Picture> {
        let class = self.index_of(id)?;
        let pictures = &mut self.classes[class].pictures;
        (at < pictures.len()).then(|| pictures.remove(at))
    }

    fn move_picture(&mut self, from: usize, at: usize, to: usize) {
        let Some(target) = self.index_of(to) else { return };
        if let Some(picture) = self.take(from, at) {
            self.classes[target].pictures.push(picture);
        }
    }

    fn undo(&mut self) {
        match self.removed.take() {
            Some(Removed::Picture { class, at, picture }) => {
                if let Some(class) = self.index_of(class) {
                    let pictures = &mut self.classes[class].pictures;
                    pictures.insert(at.min(pictures.len()), picture);
                }
            }
            Some(Removed::Pictures { class, pictures }) => {
                if let Some(class) = self.index_of(class) {
                    self.classes[class].pictures.splice(0..0, pictures);
                }
            }
            // There may be twenty others by now: it comes back all the same.
            Some(Removed::Class { at, class }) => {
                let at = at.min(self.classes.len());
                self.chosen += usize::from(at <= self.chosen);
                self.classes.insert(at, class);
            }
            Some(Removed::All { classes }) => {
                let replaced = std::mem::replace(&mut self.classes, classes);
                // What was made since can come back too.
                self.removed = Some(Removed::All { classes: replaced });
                self.chosen = 0;
            }
            None => {}
        }
    }

    /// Classes of an earlier visit come before what the reader has made in the meantime.
    fn found(&mut self, classes: Vec<NamedClass<Picture>>) {
        // Data may have been left and opened again while the browser was still searching.
        if std::mem::replace(&mut self.searched, true) || classes.is_empty() {
            return;
        }
        let chosen = self.classes.get(self.chosen).map(|class| class.id);
        let mut made = std::mem::take(&mut self.classes);
        made.retain(|class| !class.name.trim().is_empty() || !class.pictures.is_empty());
        for (name, pictures) in classes {
            self.push(name, pictures);
        }
        self.classes.extend(made);
        self.fill();
        self.chosen = chosen.and_then(|id| self.index_of(id)).unwrap_or_default();
    }

    fn open(&mut self, classes: Vec<NamedClass<Picture>>) {
        let before = std::mem::take(&mut self.classes);
        if before.iter().any(|class| !class.pictures.is_empty() || !class.name.trim().is_empty()) {
            self.removed = Some(Removed::All { classes: before });
        }
        for (name, pictures) in classes {
            self.push(name, pictures);
        }
        self.fill();
    }

    /// Adds empty classes until there are two.
    fn fill(&mut self) {
        self.begun = true;
        self.chosen = 0;
        while self.classes.len() < FEWEST_CLASSES {
            self.push(String::new(), Vec::new());
        }
    }

    /// Whether no more classes can be added.
    pub fn is_full(&self) -> bool {
        self.classes.len() >= MOST_CLASSES
    }

    /// The number of all pictures.
    pub fn pictures(&self) -> usize {
        self.classes.iter().map(|class| class.pictures.len()).sum()
    }

    /// The number of pictures to train on: of each class, one in five validates.
    pub fn training_pictures(&self) -> usize {
        self.classes.iter().map(|class| class.pictures.len() - class.pictures.len() / 5).sum()
    }

    /// What is still missing before the classes can be trained on, as a sentence; `None` if nothing
    /// is.
    pub fn missing(&self) -> Option<String> {
        let names: Vec<String> =
            self.classes.iter().map(|class| folder_name(&class.name)).collect();
        if let Some(at) = names.iter().position(String::is_empty) {
            return Some(format!("Class {} needs a name.", at + 1));
        }
        let same =
            |at: &usize| names[..*at].iter().any(|name| name.eq_ignore_ascii_case(&names[*at]));
        if let Some(at) = (0..names.len()).find(same) {
            return Some(format!("Two classes are called {}.", self.classes[at].name.trim()));
        }
        let few = self.classes.iter().find(|class| class.pictures.len() < FEWEST_PICTURES)?;
        let more = FEWEST_PICTURES - few.pictures.len();
        let word = if more == 1 { "picture" } else { "pictures" };
        Some(format!("{} needs {more} more {word}.", few.name.trim()))
    }
}

/// The name as a single folder of a path, and not a hidden one.
pub fn folder_name(name: &str) -> String {
    name.trim().trim_start_matches('.').replace(['/', '\\'], " ").trim().to_string()
}

#[cfg(test)]
mod tests;
