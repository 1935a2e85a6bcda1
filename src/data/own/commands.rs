//! Commands about classes of the reader's own: train on them, and keep them as a project.

use std::collections::BTreeSet;

use js_sys::{Array, Uint8Array};
use resnette_protocol::predict::SHIPPED;
use resnette_protocol::{Command, Failure, Outcome, Subsystem};
use resnette_spec::short_run::longer;
use resnette_spec::{Backend, HeadKind, RunConfig, read_run, run_link};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use crate::data::own::class::OwnClass;
use crate::data::own::picture::OwnPicture;
use crate::data::own::project_file::{self, FILE_NAME, MOST_BYTES, Project, ProjectPicture};
use crate::data::own::state::{NamedClass, Own, OwnAction, folder_name};
use crate::data::state::{DataAction, LoadPurpose};
use crate::engine::pending::RequestKind;
use crate::predict::state::{PredictAction, Shipped};
use crate::run::state::RunAction;
use crate::settings::draft::SettingsAction;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::platform;
use crate::shell::question::Stake;
use crate::widgets::opened_files::OpenedFile;

impl Commands {
    /// Changes the classes of the reader's own.
    pub fn change_own(&self, action: OwnAction) {
        self.dispatch(Action::Data(DataAction::OwnClasses(action)));
    }

    /// Loads the classes to train on. If the settings make the run too short for so few pictures,
    /// it gets smaller batches and more epochs.
    pub fn use_own(&self, own: &Own, config: &RunConfig) {
        let config = self.long_enough(own, config);
        self.open_files(as_folder(&own.classes), &config);
    }

    /// Fine-tunes the model that comes with the page on the classes. With the linear head, unless
    /// another was chosen: fastai's has half a million new weights, of which a hundred steps on a
    /// few dozen pictures make too little.
    pub fn fine_tune_own(&self, own: &Own, config: &RunConfig) {
        let mut config = self.long_enough(own, config);
        if config.net.head == HeadKind::Auto {
            config.net.head = HeadKind::Linear;
        }
        self.keep_files(as_folder(&own.classes), &mut config);
        self.begin(LoadPurpose::FineTuneShipped, config);
    }

    /// Fetches and opens the model that comes with the page, and fine-tunes it on the pictures of
    /// the settings.
    pub fn fine_tune_shipped(&self, config: RunConfig) {
        let commands = self.clone();
        // From now on the run counts as begun, and keeps these settings.
        self.dispatch(Action::Run(RunAction::AskFineTuneShipped));
        let turn = self.bridge.next_turn();
        spawn_local(async move {
            let fetched = commands.fetch_shipped().await;
            if commands.bridge.turn() != turn || commands.bridge.stake() != Stake::UnderWay {
                // The reader has stopped it, and may have begun another since.
                commands.dispatch(Action::Predict(PredictAction::Shipped(Shipped::Untried)));
                return commands.end_of_fine_tuning(Outcome::Cancelled);
            }
            let message = match fetched {
                Ok(Some(bytes)) => {
                    let backend = config.backend;
                    let open = Command::OpenModel { name: SHIPPED.into(), bytes };
                    commands.bridge.send(open, backend);
                    return commands.bridge.send(Command::FineTune(config), backend);
                }
                Ok(None) => {
                    "this copy of the page comes without a model. Press “Use these classes”, then \
                     Train"
                }
                Err(_) => {
                    "the model that comes with the page could not be fetched. Check the connection \
                     and try again; or press “Use these classes”, then Train"
                }
            };
            let failure = Failure { during: Subsystem::Training, message: message.into() };
            commands.end_of_fine_tuning(Outcome::Refused(failure));
        });
    }

    /// Ends a run that no worker was asked for.
    fn end_of_fine_tuning(&self, outcome: Outcome) {
        self.dispatch(Action::RequestEnded(RequestKind::Run, outcome));
    }

    /// The settings with which a run on the classes takes enough steps; they are put into the link.
    fn long_enough(&self, own: &Own, config: &RunConfig) -> RunConfig {
        let mut config = config.clone();
        if let Some(longer) = longer(own.training_pictures(), &config.recipe) {
            self.set("bs", longer.bs.to_string());
            self.set("epochs", longer.epochs.to_string());
            (config.recipe.bs, config.recipe.epochs) = (longer.bs, longer.epochs);
        }
        config
    }

    /// Saves pictures, names and settings as a file, with the network if it was trained on these
    /// classes.
    pub fn save_project(&self, own: &Own, config: &RunConfig) {
        let (commands, classes) = (self.clone(), own.classes.clone());
        let link = run_link(config);
        spawn_local(async move {
            let stake = commands.bridge.stake();
            // Without a network of the reader's own there is nothing to ask for.
            let file = match stake {
                Stake::Nothing => None,
                _ => commands.bridge.model_file().await,
            };
            // A run that is still loading has none yet.
            let is_there = file.is_some() || !matches!(stake, Stake::Nothing | Stake::UnderWay);
            let model = file.filter(|bytes| is_of(bytes, &classes));
            let had_model = model.is_some();
            let saved = match pack(&classes, link, model).await {
                Ok((bytes, has_model)) => {
                    platform::save(FILE_NAME, "application/x-tar", &bytes).map(|()| has_model)
                }
                Err(message) => Err(message),
            };
            let note = match saved {
                Err(message) => format!("Nothing was saved: {message}."),
                Ok(false) if had_model => "The project was saved without its network, which would \
                                           make it larger than 200 MB. Save the network as a model \
                                           under Train."
                    .into(),
                Ok(false) if is_there => "The project was saved without the network that is here: \
                                          it was not trained on just these classes, or could not \
                                          be written. To keep it, save it as a model under Train."
                    .into(),
                Ok(_) => return,
            };
            commands.change_own(OwnAction::Note(note));
        });
    }

    /// Opens a project in the place of the classes and of the settings, unless these are `locked`.
    /// Its network is opened too, if none would be lost for it.
    pub fn open_project(&self, files: Vec<File>, backend: Backend, locked: bool) {
        let commands = self.clone();
        let Some(file) = files.into_iter().next() else { return };
        spawn_local(async move {
            match unpack(&file).await {
                Ok((link, classes, model)) => {
                    commands.change_own(OwnAction::Open(classes));
                    if !locked {
                        let mut run = Box::new(read_run(&link).0);
                        run.resolve_conflicts();
                        commands.dispatch(Action::Settings(SettingsAction::Take(run)));
                    }
                    if let Some(bytes) = model {
                        commands.open_project_model(file.name(), bytes, backend);
                    }
                }
                Err(message) => commands.change_own(OwnAction::Note(format!(
                    "{} was not opened: {message}.",
                    file.name()
                ))),
            }
        });
    }

    /// Opens the network of a project, to answer in Predict. One that is in training, or that is
    /// nowhere saved, keeps its place.
    fn open_project_model(&self, name: String, bytes: Vec<u8>, backend: Backend) {
        let stays = match self.bridge.stake() {
            Stake::UnderWay => "a run is under way. Open the project again when it has ended",
            Stake::Unkept => {
                "it would take the place of the one that you trained here. Save that as a model \
                 under Train if you want to keep it; then reload the page and open the project \
                 again"
            }
            Stake::Nothing | Stake::Kept | Stake::Unfinished => {
                return self.bridge.send(Command::OpenModel { name, bytes }, backend);
            }
        };
        self.change_own(OwnAction::Note(format!(
            "The project is open, but not its network: {stays}."
        )));
    }
}

/// Whether the network in a file was trained on these classes.
fn is_of(model: &[u8], classes: &[OwnClass]) -> bool {
    let known = project_file::classes_of(model).map(BTreeSet::from_iter);
    let named = classes.iter().filter(|class| !class.pictures.is_empty());
    known == Some(named.map(|class| folder_name(&class.name)).collect())
}

/// The bytes of a project, and whether its network is in it: one for which there is no room is not.
async fn pack(
    classes: &[OwnClass],
    link: String,
    model: Option<Vec<u8>>,
) -> Result<(Vec<u8>, bool), String> {
    let size: f64 =
        classes.iter().flat_map(|class| &class.pictures).map(|picture| picture.file.size()).sum();
    let mut project = Project { link, classes: Vec::new(), model: None };
    // Before the bytes of a film are read.
    if size > MOST_BYTES as f64 {
        return Err(
            project_file::ProjectError::TooLarge { what: "these pictures have more" }.to_string()
        );
    }
    for class in classes {
        let mut pictures = Vec::new();
        for OwnPicture { file, .. } in &class.pictures {
            let bytes = platform::read(file).await?;
            pictures.push(ProjectPicture { name: file.name(), bytes });
        }
        project.classes.push((class.name.clone(), pictures));
    }
    project.model = model.filter(|model| project.has_room_for(model));
    let bytes = project_file::write(&project).map_err(|error| error.to_string())?;
    Ok((bytes, project.model.is_some()))
}

/// The settings, the classes and the network of a project.
async fn unpack(file: &File) -> Result<(String, Vec<NamedClass>, Option<Vec<u8>>), String> {
    if file.size() > MOST_BYTES as f64 {
        return Err(project_file::ProjectError::TooLarge { what: "the file is larger" }.to_string());
    }
    let bytes = platform::read(file).await?;
    let project = project_file::read(&bytes).map_err(|error| error.to_string())?;
    let mut classes = Vec::new();
    for (name, pictures) in project.classes {
        let pictures: Option<Vec<_>> = pictures.iter().map(as_own).collect();
        let pictures = pictures.ok_or("the browser made no files of its pictures")?;
        classes.push((name, pictures));
    }
    Ok((project.link, classes, project.model))
}

fn as_own(picture: &ProjectPicture) -> Option<OwnPicture> {
    let parts = Array::of1(&Uint8Array::from(picture.bytes.as_slice()));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    OwnPicture::file(&blob, &picture.name, "").map(OwnPicture::new)
}

/// The classes as an opened folder with a subfolder for each. Numbers keep pictures of the same
/// name apart.
fn as_folder(classes: &[OwnClass]) -> Vec<OpenedFile> {
    let files = classes.iter().flat_map(|class| {
        class.pictures.iter().enumerate().map(move |(number, picture)| (class, number, picture))
    });
    files
        .map(|(class, number, OwnPicture { file, .. })| OpenedFile {
            path: format!("My classes/{}/{number} {}", folder_name(&class.name), file.name()),
            file: file.clone(),
        })
        .collect()
}
