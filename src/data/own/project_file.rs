//! A project as a file: the pictures of the classes, their names, the settings, and the network
//! that was trained on them.
//!
//! It is a tar archive in which every class is a folder of pictures, so that other programs can
//! read it as well, and this page can under My files. What folders cannot say is in a text beside
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};

use crate::data::own::state::{MOST_CLASSES, MOST_NAME_CHARS, MOST_PICTURES, folder_name};

/// The largest file that is written or read, in bytes: the page holds it in memory.
pub const MOST_BYTES: usize = 200_000_000;
/// The name that the file gets.
pub const FILE_NAME: &str = "resnette-project.tar";
/// The text beside the folders.
const TEXT: &str = "resnette-project.json";
/// The largest number of bytes of that text.
const MOST_TEXT_BYTES: u64 = 2_000_000;
/// The largest number of bytes of the settings in it.
const MOST_LINK_BYTES: usize = 10_000;
/// The form that is written, and the newest that is read.
const VERSION: u32 = 1;
/// The network beside them, as PyTorch reads it too.
const MODEL: &str = "model.safetensors";
/// The folder with the classes.
const CLASSES: &str = "classes";

/// A project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The settings, as a link without `#`.
    pub link: String,
    /// The classes in order, with their pictures.
    pub classes: Vec<(String, Vec<ProjectPicture>)>,
    /// The bytes of the network's file, which the engine checks when it opens it.
    pub model: Option<Vec<u8>>,
}

impl Project {
    /// The bytes of the archive at most, but for the text in it: with a block for the header of
    /// each file, and one that is filled up.
    fn bytes(&self) -> usize {
        let pictures = self.classes.iter().flat_map(|(_, pictures)| pictures);
        let files = pictures.map(|picture| &picture.bytes).chain(&self.model);
        files.map(|bytes| bytes.len() + 2_048).sum()
    }

    /// Whether the network may be in the archive too.
    pub fn has_room_for(&self, model: &[u8]) -> bool {
        self.bytes() + model.len() + 2_048 <= MOST_BYTES
    }
}

/// A picture of a project: the name and the bytes of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectPicture {
    /// The name.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Why a project is not written or not read. What the reader has is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// Too many bytes.
    #[error(
        "{what} than {} MB, the most that a project may have; make the pictures smaller, or open \
         them as a folder under My files", MOST_BYTES / 1_000_000
    )]
    TooLarge {
        /// What is larger, with its verb.
        what: &'static str,
    },
    /// Another file.
    #[error(
        "this is not a project that this page has saved: it has no {TEXT} in it. Pictures and \
         archives are opened under My files"
    )]
    NotAProject,
    /// Written by a version of the page that did more.
    #[error(
        "this project was saved by a newer version of this page; reload the page, then open it"
    )]
    Newer,
    /// Cut, or changed.
    #[error(
        "this project is damaged ({0}), and the classes here are as they were. Open another copy \
         of it"
    )]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Text {
    version: u32,
    link: String,
    classes: Vec<TextClass>,
}

#[derive(Serialize, Deserialize)]
struct TextClass {
    name: String,
    /// The paths of its pictures.
    pictures: Vec<String>,
}

/// The project as a file.
///
/// # Errors
/// [`ProjectError::TooLarge`]
pub fn write(project: &Project) -> Result<Vec<u8>, ProjectError> {
    let pictures = || project.classes.iter().flat_map(|(_, pictures)| pictures);
    if project.bytes() > MOST_BYTES {
        return Err(ProjectError::TooLarge { what: "these pictures have more" });
    }
    let mut text = Text { version: VERSION, link: project.link.clone(), classes: Vec::new() };
    let mut folders = BTreeSet::new();
    for (at, (name, pictures)) in project.classes.iter().enumerate() {
        let mut folder = folder_name(name);
        if folder.is_empty() {
            folder = format!("class {}", at + 1);
        }
        while !folders.insert(folder.to_lowercase()) {
            folder.push('_');
        }
        let path = |(number, picture): (usize, &ProjectPicture)| {
            let name = folder_name(&picture.name);
            // Numbers keep pictures of the same name apart, and in their order.
            format!("{CLASSES}/{folder}/{:04} {name}", number + 1)
        };
        let pictures = pictures.iter().enumerate().map(path).collect();
        text.classes.push(TextClass { name: name.clone(), pictures });
    }
    let damaged = |error: std::io::Error| ProjectError::Damaged(error.to_string());
    let words = serde_json::to_vec(&text).map_err(|error| damaged(error.into()))?;
    let mut archive = Builder::new(Vec::new());
    append(&mut archive, TEXT, &words).map_err(damaged)?;
    if let Some(model) = &project.model {
        append(&mut archive, MODEL, model).map_err(damaged)?;
    }
    let paths = text.classes.iter().flat_map(|class| &class.pictures);
    for (path, picture) in paths.zip(pictures()) {
        append(&mut archive, path, &picture.bytes).map_err(damaged)?;
    }
    archive.into_inner().map_err(damaged)
}

/// The classes that a network's file names in its metadata; `None` if it names none.
pub fn classes_of(model: &[u8]) -> Option<Vec<String>> {
    let (length, rest) = model.split_first_chunk()?;
    let header = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    serde_json::from_str(header["__metadata__"]["classes"].as_str()?).ok()
}

fn append(archive: &mut Builder<Vec<u8>>, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, bytes)
}

/// The project in a file.
///
/// # Errors
/// [`ProjectError`]
pub fn read(bytes: &[u8]) -> Result<Project, ProjectError> {
    if bytes.len() > MOST_BYTES {
        return Err(ProjectError::TooLarge { what: "the file is larger" });
    }
    let (mut text, mut model) = (None, None);
    let mut files = BTreeMap::new();
    let not_one = |_: std::io::Error| ProjectError::NotAProject;
    for entry in Archive::new(bytes).entries().map_err(not_one)? {
        let cut = |error: std::io::Error| match text.is_some() {
            true => ProjectError::Damaged(error.to_string()),
            false => ProjectError::NotAProject,
        };
        let mut entry = entry.map_err(cut)?;
        // Others may claim more bytes than the file has.
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.size() > bytes.len() as u64 {
            return Err(ProjectError::Damaged(format!("{path} is cut")));
        }
        let mut found = Vec::new();
        if path == TEXT && entry.size() <= MOST_TEXT_BYTES {
            entry.read_to_end(&mut found).map_err(not_one)?;
            text = Some(serde_json::from_slice::<Text>(&found));
        } else if path == MODEL {
            entry.read_to_end(&mut found).map_err(cut)?;
            model = Some(found);
        } else if path.starts_with(CLASSES) && files.len() < 2 * MOST_PICTURES {
            entry.read_to_end(&mut found).map_err(cut)?;
            files.insert(path, found);
        }
    }
    let text = text.ok_or(ProjectError::NotAProject)?;
    let text = text.map_err(|error| ProjectError::Damaged(error.to_string()))?;
    if text.version > VERSION {
        return Err(ProjectError::Newer);
    }
    // What was removed may have come back beside as much again.
    if text.classes.len() > 2 * MOST_CLASSES || text.link.len() > MOST_LINK_BYTES {
        return Err(ProjectError::Damaged("it has too many classes or settings".into()));
    }
    let mut classes = Vec::new();
    for class in text.classes {
        let mut pictures = Vec::new();
        for path in class.pictures {
            let bytes = files.remove(&path);
            let bytes = bytes.ok_or_else(|| ProjectError::Damaged(format!("{path} is missing")))?;
            let name = path.rsplit('/').next().unwrap_or_default();
            // The number that keeps names apart.
            let name = name.split_once(' ').map_or(name, |(_, name)| name).to_owned();
            pictures.push(ProjectPicture { name, bytes });
        }
        classes.push((class.name.chars().take(MOST_NAME_CHARS).collect(), pictures));
    }
    Ok(Project { link: text.link, classes, model })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn project(classes: &[(&str, &[&str])]) -> Project {
        let picture = |(at, name): (usize, &&str)| ProjectPicture {
            name: (*name).into(),
            bytes: vec![at as u8; 700 * (at + 1)],
        };
        let classes = classes.iter().map(|(name, files)| {
            ((*name).to_owned(), files.iter().enumerate().map(picture).collect())
        });
        Project { link: "epochs=20&bs=8".into(), classes: classes.collect(), model: None }
    }

    #[test]
    fn a_networks_classes_are_found() {
        let file =
            |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        let named = file(r#"{"__metadata__":{"classes":"[\"cat\",\"dog\"]"}}"#);
        assert_eq!(classes_of(&named).unwrap(), ["cat", "dog"]);
        let cut = &named[..named.len() - 1];
        for other in [cut, &file("{}"), &file("[]"), &[255; 40], &[], &[1]] {
            assert_eq!(classes_of(other), None);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let long = format!("{}.jpg", "é".repeat(120));
        let projects = [
            project(&[]),
            Project { model: Some(vec![7; 3_000]), ..project(&[("cat", &["a.jpg"])]) },
            project(&[("cat", &["a.jpg", "a.jpg", "b c.png"]), ("dog", &[])]),
            project(&[
                ("ירוק 🟢", &["תמונה.jpg"]),
                ("", &["x"]),
                ("Cat", &[&long]),
                ("cat", &["y"]),
            ]),
            project(&[("class 2", &["a.jpg"]), ("", &["a.jpg"]), ("..", &["a.jpg"])]),
        ];
        for project in projects {
            assert_eq!(read(&write(&project).unwrap()), Ok(project));
        }
        // Another program finds a folder for each class.
        let bytes = write(&project(&[("cat/dog", &["../../x.jpg"])])).unwrap();
        let mut archive = Archive::new(bytes.as_slice());
        let paths: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(paths, [TEXT, "classes/cat dog/0001 .. x.jpg"]);
    }

    #[test]
    fn other_files_and_damaged_ones_are_refused() {
        for bytes in [&b""[..], b"PK\x03\x04", &[0; 1024], b"\x89PNG\r\n\x1a\n", &[b'a'; 5_000]] {
            assert_eq!(read(bytes), Err(ProjectError::NotAProject), "{:?}", bytes.get(..4));
        }
        let whole = write(&project(&[("cat", &["a.jpg", "b.jpg"]), ("dog", &["c.jpg"])])).unwrap();
        for end in (0..whole.len() - 1_024).step_by(100) {
            assert!(read(&whole[..end]).is_err(), "cut at {end}");
        }
        // Whatever is changed, nothing panics.
        for at in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            let _ = read(&changed);
        }
    }

    #[test]
    fn bounds_hold() {
        let newer = |text: &str| {
            let mut archive = Builder::new(Vec::new());
            append(&mut archive, TEXT, text.as_bytes()).unwrap();
            read(&archive.into_inner().unwrap())
        };
        assert_eq!(newer(r#"{"version":2,"link":"","classes":[]}"#), Err(ProjectError::Newer));
        let many = vec![r#"{"name":"a","pictures":[]}"#; 2 * MOST_CLASSES + 1].join(",");
        let many = newer(&format!(r#"{{"version":1,"link":"","classes":[{many}]}}"#));
        assert!(matches!(many, Err(ProjectError::Damaged(_))), "{many:?}");
        let missing =
            r#"{"version":1,"link":"","classes":[{"name":"a","pictures":["classes/b"]}]}"#;
        assert!(newer(missing).unwrap_err().to_string().contains("classes/b is missing"));
        assert!(newer("{").unwrap_err().to_string().contains("damaged"));
        let bytes = vec![0; MOST_BYTES / 2];
        let half = ProjectPicture { name: "x".into(), bytes };
        let one = Project { classes: vec![("a".into(), vec![half.clone()])], ..Project::default() };
        assert!(one.has_room_for(&vec![0; MOST_BYTES / 2 - 4_096]));
        assert!(!one.has_room_for(&vec![0; MOST_BYTES / 2]));
        let large =
            Project { classes: vec![("a".into(), vec![half.clone(), half])], ..Project::default() };
        assert!(
            write(&large)
                .unwrap_err()
                .to_string()
                .starts_with("these pictures have more than 200 MB")
        );
    }
}
