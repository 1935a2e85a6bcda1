//! Classes that a reader makes: their names and pictures, kept for as long as the tab is open.

use web_sys::File;

/// The least number of classes: with fewer there is nothing to distinguish.
const FEWEST_CLASSES: usize = 2;
/// The least number of pictures in a class: with fewer there is nothing to validate on.
const FEWEST_PICTURES: usize = 5;
/// The largest number of classes, enough for a table of names. Larger sets come as folders.
const MOST_CLASSES: usize = 20;

/// A class that the reader makes. Its pictures are files, except in tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnClass<Picture = File> {
    /// A number that is unique for as long as the page is open: pictures may still be on their way
    /// to a class when another one is removed.
    pub id: usize,
    /// The name as it was typed.
    pub name: String,
    /// The pictures, in the order in which they came.
    pub files: Vec<Picture>,
}

/// All classes that the reader makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Own<Picture = File> {
    /// The classes, in the order in which they were made. There are at least two.
    pub classes: Vec<OwnClass<Picture>>,
    /// The class that the reader touched last. Pasted pictures go to it.
    chosen: usize,
    /// The id of the next class.
    next: usize,
    /// Whether something was put in. The section stays open from then on.
    pub begun: bool,
}

/// A change of the classes.
#[derive(Clone, Debug)]
pub enum OwnAction<Picture = File> {
    /// Renames the class at this index.
    Rename(usize, String),
    /// Adds pictures to the class with this id.
    Add(usize, Vec<Picture>),
    /// Adds pasted pictures to the class that was touched last.
    Paste(Vec<Picture>),
    /// Touches the class at this index.
    Choose(usize),
    /// Removes the pictures of the class at this index, and the class itself if two others are
    /// left.
    Remove(usize),
    /// Adds a class.
    More,
}

impl<Picture> Default for Own<Picture> {
    fn default() -> Self {
        Self {
            classes: (0..FEWEST_CLASSES).map(empty).collect(),
            chosen: 0,
            next: FEWEST_CLASSES,
            begun: false,
        }
    }
}

fn empty<Picture>(id: usize) -> OwnClass<Picture> {
    OwnClass { id, name: String::new(), files: Vec::new() }
}

impl<Picture> Own<Picture> {
    /// Applies a change. A change to a class that is gone does nothing.
    pub fn act(&mut self, action: OwnAction<Picture>) {
        match action {
            OwnAction::Rename(at, name) => self.change(at, |class| class.name = name),
            OwnAction::Add(id, files) => {
                if let Some(at) = self.classes.iter().position(|class| class.id == id) {
                    self.change(at, |class| class.files.extend(files));
                }
            }
            OwnAction::Paste(files) => self.change(self.chosen, |class| class.files.extend(files)),
            OwnAction::Choose(at) => self.chosen = at.min(self.classes.len() - 1),
            OwnAction::Remove(at)
                if self.classes.len() > FEWEST_CLASSES && at < self.classes.len() =>
            {
                self.classes.remove(at);
                // The touched class stays the touched one if a class before it is removed. If it is
                // removed itself, its neighbour takes its place.
                self.chosen -= usize::from(at < self.chosen);
                self.chosen = self.chosen.min(self.classes.len() - 1);
            }
            OwnAction::Remove(at) => self.change(at, |class| class.files.clear()),
            OwnAction::More if self.is_full() => {}
            OwnAction::More => {
                self.classes.push(empty(self.next));
                self.next += 1;
            }
        }
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut OwnClass<Picture>)) {
        if let Some(class) = self.classes.get_mut(at) {
            change(class);
            self.begun = true;
        }
    }

    /// Whether no more classes can be added.
    pub fn is_full(&self) -> bool {
        self.classes.len() >= MOST_CLASSES
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
        let few = self.classes.iter().find(|class| class.files.len() < FEWEST_PICTURES)?;
        let more =
            crate::widgets::format::plural((FEWEST_PICTURES - few.files.len()) as u64, "picture");
        Some(format!("{} needs {more} more.", few.name.trim()))
    }
}

/// The name as a single folder of a path, and not a hidden one.
pub fn folder_name(name: &str) -> String {
    name.trim().trim_start_matches('.').replace(['/', '\\'], " ").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: impl IntoIterator<Item = OwnAction<u8>>) -> Own<u8> {
        actions.into_iter().fold(Own::default(), |mut own, action| {
            own.act(action);
            own
        })
    }

    fn named(classes: &[(&str, u8)]) -> Own<u8> {
        let names = classes
            .iter()
            .enumerate()
            .map(|(at, (name, _))| OwnAction::Rename(at, name.to_string()));
        after(
            names.chain(
                classes
                    .iter()
                    .enumerate()
                    .map(|(at, (_, count))| OwnAction::Add(at, (0..*count).collect())),
            ),
        )
    }

    #[test]
    fn what_is_missing_is_said_one_thing_at_a_time() {
        let said = |classes: &[(&str, u8)]| named(classes).missing().unwrap_or_default();
        assert_eq!(said(&[("cat", 5), (" ./", 5)]), "Class 2 needs a name.");
        assert_eq!(said(&[("cat", 5), ("Cat ", 5)]), "Two classes are called Cat.");
        assert_eq!(said(&[("cat", 5), ("dog", 4)]), "dog needs 1 picture more.");
        assert_eq!(named(&[("cat", 5), ("dog", 9)]).missing(), None);
    }

    #[test]
    fn names_are_one_folder() {
        assert_eq!(folder_name(" ../my/cat "), "my cat");
        assert_eq!(folder_name("🐈 חתול"), "🐈 חתול");
    }

    #[test]
    fn pasted_pictures_go_to_the_class_touched_last() {
        let own = after([
            OwnAction::Paste(vec![1]),
            OwnAction::Choose(1),
            OwnAction::Paste(vec![2]),
            OwnAction::Add(1, vec![3]),
        ]);
        assert_eq!(
            own.classes.iter().map(|class| class.files.clone()).collect::<Vec<_>>(),
            [vec![1], vec![2, 3]]
        );
        // The touched class and a third are removed; of the last two a class is only emptied.
        let own = after([
            OwnAction::More,
            OwnAction::Choose(2),
            OwnAction::Remove(2),
            OwnAction::Paste(vec![4]),
            OwnAction::Remove(1),
        ]);
        assert_eq!(own, Own { begun: true, next: 3, chosen: 1, ..Own::default() });
        let own = after([
            OwnAction::More,
            OwnAction::More,
            OwnAction::Choose(1),
            OwnAction::Remove(0),
            OwnAction::Paste(vec![5]),
        ]);
        let held =
            own.classes.iter().map(|class| (class.id, class.files.len())).collect::<Vec<_>>();
        assert_eq!(held, [(1, 1), (2, 0), (3, 0)], "a class before the touched one goes");
    }

    #[test]
    fn pictures_on_their_way_find_their_class_or_none() {
        let own = after([
            OwnAction::More,
            OwnAction::Rename(2, "third".into()),
            OwnAction::Remove(0),
            OwnAction::Add(2, vec![7]),
            OwnAction::Add(0, vec![8]),
        ]);
        let held = own
            .classes
            .iter()
            .map(|class| (class.name.as_str(), class.files.clone()))
            .collect::<Vec<_>>();
        assert_eq!(held, [("", vec![]), ("third", vec![7])]);
        // A class made after another was removed does not receive the pictures meant for that one.
        let own = after([
            OwnAction::More,
            OwnAction::Remove(2),
            OwnAction::More,
            OwnAction::Add(2, vec![9]),
        ]);
        assert!(own.classes.iter().all(|class| class.files.is_empty()), "{own:?}");
    }

    #[test]
    fn there_are_two_to_twenty() {
        let own = after((0..50).map(|_| OwnAction::More));
        assert_eq!((own.classes.len(), own.is_full()), (20, true));
        let own = after([
            OwnAction::Remove(7),
            OwnAction::Choose(9),
            OwnAction::Rename(9, "x".into()),
            OwnAction::Add(9, vec![1]),
        ]);
        assert_eq!((own.classes.len(), own.begun), (2, false), "{own:?}");
    }
}
