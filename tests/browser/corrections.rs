//! Classes and split of opened files, shown before anything is trained, and corrected.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::{PATIENCE, write};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use libtest_mimic::{Completion, Failed};
use parquet::column::writer::ColumnWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use crate::chrome::wait_for;
use crate::fixtures::{end_early, folder, jpeg};
use crate::page::{number, tiny_with};
use crate::runs::{go_on, train_and_pause};
use crate::stage::{Outcome, Stage, scratch};

impl Stage {
    /// The field, the box or the choice with this accessible name.
    async fn field(&self, name: &str) -> Result<Element, Failed> {
        let mut names = Vec::new();
        let fields = Locator::Css(".classes input, .classes select");
        for field in self.chrome.client.find_all(fields).await? {
            let label = self.chrome.accessible_name(&field).await?;
            if label == name {
                return Ok(field);
            }
            names.push(label);
        }
        Err(format!("no field is named {name:?}; there are {names:?}").into())
    }

    /// Puts this text into the field of this name, in place of what it says.
    async fn type_over(&self, name: &str, text: &str) -> Result<(), Failed> {
        let (control, let_go) = (char::from(Key::Control), char::from(Key::Null));
        let keys = format!("{control}a{let_go}{text}");
        Ok(self.field(name).await?.send_keys(&keys).await?)
    }

    /// What the section of the classes says.
    async fn classes(&self) -> Result<String, Failed> {
        let script = "return document.querySelector('section[aria-label=Classes]').innerText";
        Ok(self.chrome.js(script).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the section of the classes says this.
    async fn classes_say(&self, words: &str) -> Result<String, Failed> {
        wait_for(words, PATIENCE, async || {
            let said = self.classes().await?;
            Ok(said.contains(words).then_some(said))
        })
        .await
    }

    /// Waits until the page says this about what is loaded.
    async fn loaded_says(&self, words: &str) -> Result<(), Failed> {
        wait_for(words, PATIENCE, async || {
            let status = self.chrome.status().await?;
            if status.starts_with("Failed") {
                return Err(format!("the page says: {status}").into());
            }
            Ok(self.chrome.text().await?.contains(words).then_some(()))
        })
        .await
    }
}

/// Twelve and six drawings of cats under two names, of dogs, and of something that is no class.
async fn open_pets(stage: &Stage, name: &str) -> Result<PathBuf, Failed> {
    let root = scratch(name)?;
    let classes = ["Katze", "cat", "dog", "junk"];
    write(&root, &folder("pets/train", &classes, 12))?;
    write(&root, &folder("pets/val", &classes, 6))?;
    choose_pets(stage, &root, 8).await?;
    Ok(root)
}

/// Reopens the page, for a run of so many epochs, and these pictures in it.
async fn choose_pets(stage: &Stage, root: &Path, epochs: u32) -> Result<(), Failed> {
    let settings = format!("train=100&valid=100&epochs={epochs}&view=data");
    stage.open(&tiny_with(&settings)).await?;
    stage.choose("Open a folder", &[root.join("pets")]).await?;
    stage.loaded_says("48 pictures to train on and 24 to validate with, in 4 classes").await
}

/// Chooses the option that says these words.
async fn select(stage: &Stage, field: &str, words: &str) -> Result<(), Failed> {
    let choice = stage.field(field).await?;
    let script = "
        const [choice, words] = arguments;
        const option = [...choice.options].find(option => option.text.includes(words));
        if (!option) return null;
        choice.value = option.value;
        choice.dispatchEvent(new Event('change', { bubbles: true }));
        return option.value;";
    let arguments = vec![serde_json::to_value(&choice)?, json!(words)];
    let chosen = stage.chrome.js_with(script, arguments).await?;
    assert!(chosen.is_string(), "no option of {field} says {words:?}");
    Ok(())
}

/// One name for two folders, another name, a folder that is no class: the pictures are read again,
/// a network of the right size is trained, and Undo brings back what was found.
pub async fn classes_are_renamed_put_together_and_left_out(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = open_pets(stage, "corrected").await?;
    let found = stage.fingerprint().await?;
    let said = stage.classes().await?;
    for words in ["Katze", "cat", "dog", "junk", "12 train, 6 valid", "From ", "train", "val"] {
        assert!(said.contains(words), "{words}: {said}");
    }

    chrome.click("Correct classes and split").await?;
    assert!(!chrome.button("Apply").await?.is_enabled().await?, "nothing is corrected yet");
    stage.type_over("Name of Katze", "cat").await?;
    stage.classes_say("“Katze” and “cat” become one class.").await?;
    stage.type_over("Name of dog", "כלב 🐕").await?;
    stage.field("Leave out junk").await?.click().await?;
    stage.classes_say("1 class left out").await?;
    // On a telephone everything is within the window.
    chrome.viewport(390, 844).await?;
    let wide = number(&chrome.js("return document.documentElement.scrollWidth").await?)?;
    assert!(wide <= 390.0, "{wide} px wide");
    chrome.viewport(1280, 900).await?;

    chrome.click("Apply").await?;
    stage.loaded_says("36 pictures to train on and 18 to validate with, in 2 classes").await?;
    let said = stage.classes().await?;
    assert!(said.contains("כלב 🐕") && said.contains("Left out"), "{said}");
    assert_ne!(stage.fingerprint().await?, found);
    // What was put together can be separated, and what was left out used again.
    chrome.button("Separate cat").await?;
    stage.field("Leave out junk").await?;

    chrome.click("Train").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    wait_for("a head for two classes", PATIENCE, async || {
        Ok(chrome.text().await?.contains("head\n1×1\n× 2").then_some(()))
    })
    .await?;
    chrome.client.find(Locator::LinkText("Data")).await?.click().await?;
    chrome.click("Undo corrections").await?;
    stage.loaded_says("48 pictures to train on and 24 to validate with, in 4 classes").await?;
    assert_eq!(stage.fingerprint().await?, found, "what was found is back");
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// One in five in place of the folders' own split, and back; one class alone is refused before
/// anything is read.
pub async fn the_reader_says_what_validates(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = open_pets(stage, "validated").await?;
    let found = stage.fingerprint().await?;
    chrome.click("Correct classes and split").await?;
    let choose = async |words: &str| -> Result<(), Failed> {
        select(stage, "Pictures to validate with", words).await?;
        chrome.click("Apply").await
    };
    choose("One in five").await?;
    stage.classes_say("As you chose, one in five").await?;
    let drawn = stage.fingerprint().await?;
    assert_ne!(drawn, found);
    // The other way round: what was to validate trains.
    choose("train").await?;
    let said = stage.classes_say("As you chose, the pictures in").await?;
    assert!(said.contains("6 train, 12 valid"), "{said}");
    choose("As found").await?;
    stage.classes_say("Going by the names").await?;
    assert_eq!(stage.fingerprint().await?, found);

    for class in ["Katze", "cat", "junk"] {
        stage.field(&format!("Leave out {class}")).await?.click().await?;
    }
    stage.classes_say("At least two classes must remain").await?;
    assert!(!chrome.button("Apply").await?.is_enabled().await?);
    chrome.click("Undo corrections").await?;
    stage.classes_say("Nothing is corrected.").await?;
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// Corrections belong to the files that they were made for; pictures of other sources have none.
pub async fn other_files_end_them(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = open_pets(stage, "others").await?;
    chrome.click("Correct classes and split").await?;
    stage.type_over("Name of dog", "puppy").await?;
    chrome.click("Apply").await?;
    stage.classes_say("puppy").await?;
    chrome.wait_status(PATIENCE, |status| status == "Ready").await?;
    // The button that reads the same files again keeps them.
    // At the top the bar with the buttons covers none of them.
    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.click("Read files").await?;
    chrome.wait_status(PATIENCE, |status| status == "Ready").await?;
    assert!(stage.classes().await?.contains("puppy"));

    let other = root.join("other");
    write(&root, &folder("other", &["cat", "dog"], 10))?;
    stage.choose("Open a folder", &[other]).await?;
    stage.loaded_says("in 2 classes").await?;
    let said = stage.classes().await?;
    assert!(said.contains("dog") && !said.contains("puppy"), "{said}");

    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.client.find(Locator::Id("source-drawn")).await?.click().await?;
    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.click("Draw pictures").await?;
    stage.classes_say("separate pictures for training").await?;
    assert!(chrome.button("Correct classes and split").await.is_err());
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// A run on corrected classes is paused, the page is closed, and the same files are opened again:
/// the run goes on, and its corrections are those of the page.
pub async fn a_saved_run_brings_its_corrections(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = open_pets(stage, "kept").await?;
    // Long enough to be paused.
    choose_pets(stage, &root, 150).await?;
    chrome.click("Correct classes and split").await?;
    stage.type_over("Name of Katze", "cat").await?;
    stage.field("Leave out junk").await?.click().await?;
    chrome.click("Apply").await?;
    let corrected = "36 pictures to train on and 18 to validate with, in 2 classes";
    stage.loaded_says(corrected).await?;
    let fingerprint = stage.fingerprint().await?;
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    train_and_pause(chrome, 1).await?;

    choose_pets(stage, &root, 150).await?;
    assert_ne!(stage.fingerprint().await?, fingerprint, "nothing is corrected on a new page");
    go_on(chrome).await?;
    stage.loaded_says(corrected).await?;
    assert_eq!(stage.fingerprint().await?, fingerprint);
    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.click("Correct classes and split").await?;
    let said = stage.classes_say("These corrections hold until other files are opened.").await?;
    assert!(said.contains("Put together from") && said.contains("Left out"), "{said}");
    // The button that reads the same files again keeps them too.
    chrome.js("window.scrollTo(0, 0)").await?;
    chrome.click("Read files").await?;
    stage.loaded_says(corrected).await?;
    assert_eq!(stage.fingerprint().await?, fingerprint);
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}

/// Thirty pictures with two columns of labels: by threes, and by pairs.
fn two_columns() -> Result<Vec<u8>, Failed> {
    let schema = "message m { required binary image; required int64 label; required int64 class; }";
    let schema = Arc::new(parse_message_type(schema)?);
    let mut out = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(&mut out, schema, properties)?;
    let mut group = writer.next_row_group()?;
    for classes in [0, 3, 2] {
        let mut column = group.next_column()?.ok_or("a column more")?;
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(column) => {
                let pictures: Vec<_> =
                    (0..30).map(|row| jpeg(row % 3, row as u64).into()).collect();
                column.write_batch(&pictures, None, None)?;
            }
            ColumnWriter::Int64ColumnWriter(column) => {
                let labels: Vec<i64> = (0..30).map(|row| row % classes).collect();
                column.write_batch(&labels, None, None)?;
            }
            _ => return Err("a column of another type".into()),
        }
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(out)
}

/// Where several columns would do, the page asks; JPEGs that end early are used if the reader says
/// so.
pub async fn columns_and_cut_pictures_are_the_readers_choice(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("choices")?;
    fs::write(root.join("pets.parquet"), two_columns()?)?;
    stage.open(&tiny_with("train=100&valid=100&view=data")).await?;
    stage.choose("Open pictures or archives", &[root.join("pets.parquet")]).await?;
    stage.loaded_says("in 3 classes").await?;
    stage.classes_say("Which column holds the labels? The files have label, class").await?;
    chrome.click("Correct classes and split").await?;
    stage.type_over("Name of class 2", "waits for its column").await?;
    select(stage, "Labels are in column", "class").await?;
    stage.classes_say("Not applied yet: labels from another column.").await?;
    chrome.click("Apply").await?;
    stage.loaded_says("in 2 classes").await?;
    assert!(!stage.classes().await?.contains("Which column"));
    select(stage, "Labels are in column", "As found").await?;
    chrome.click("Apply").await?;
    stage.loaded_says("in 3 classes").await?;
    stage.classes_say("waits for its column").await?;

    let mut files = folder("pets", &["cat", "dog"], 10);
    for at in [3, 14] {
        end_early(&mut files[at].1);
    }
    write(&root, &files)?;
    chrome.js("window.scrollTo(0, 0)").await?;
    stage.choose("Open a folder", &[root.join("pets")]).await?;
    stage.loaded_says("in 2 classes").await?;
    stage.classes_say("2 JPEGs end early and are left out.").await?;
    chrome.click("Correct classes and split").await?;
    stage.field("Use 2 JPEGs that end early as far as they go").await?.click().await?;
    chrome.click("Apply").await?;
    stage.loaded_says("16 pictures to train on and 4 to validate with").await?;
    assert!(chrome.text().await?.contains("2 pictures that end early are used"));
    stage.field("Use 2 JPEGs that end early as far as they go").await?.click().await?;
    chrome.click("Apply").await?;
    stage.loaded_says("14 pictures to train on and 4 to validate with").await?;
    chrome.console_is_clean().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}
