//! `resnette export-pictures`: writes the pictures of a set as files in class folders.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use resnette_images::decode::kind::{Content, PictureKind, sniff};
use resnette_images::load::LoadError;
use resnette_images::load::disk::DiskFile;
use resnette_images::load::encoded::read_encoded;
use resnette_images::load::entry::Split;
use resnette_images::load::open_file::FileRanges;
use resnette_images::load::{TRAIN_FILE, VALID_FILE};
use resnette_images::problems::Problems;
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::drawn;
use resnette_picture::report::Problem;
use resnette_spec::{DataConfig, RunConfig};

use crate::arguments::settings_from;
use crate::output::tell;
use crate::picture_folder::{PictureFolder, PictureFolderError};
use crate::png::png;
use crate::quoted::in_line;
use crate::stop::{self, Stopped};

/// Arguments of `export-pictures`.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// Settings, as in the page's link: '#train=150&valid=50&seed=1'. Of these, train, valid and
    /// seed choose pictures, and size is the side of drawings.
    #[arg(default_value = "")]
    settings: String,
    /// Photos: a folder with train/0000.parquet and validation/0000.parquet, whose bytes are
    /// written as they are. Left out: the drawn set, as PNG.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for the pictures, as train/CLASS and valid/CLASS. Photos and drawings may share one;
    /// no file is replaced.
    #[arg(long)]
    out: PathBuf,
    /// Write one part of the split only.
    #[arg(long, value_enum)]
    only: Option<Part>,
}

/// A part of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The training pictures.
    Train,
    /// The validation pictures.
    Valid,
}

/// Why a picture is not written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    /// The folder does not take it.
    #[error(transparent)]
    Folder(#[from] PictureFolderError),
    /// A drawing cannot be put into a file.
    #[error("a drawing cannot be written as PNG ({0})")]
    Png(#[from] image::ImageError),
    /// The files have no picture that could be written.
    #[error("there is no picture to write; what was left out is listed above")]
    Nothing,
    /// The photos are in another form than in two parquet files.
    #[error(
        "{0} is not there; photos are exported from a folder with {TRAIN_FILE} and {VALID_FILE}. \
         An archive can be unpacked, and a folder of class folders is what you want already"
    )]
    NoParquet(PathBuf),
}

/// Writes the photos that a run with these settings draws from the files, or drawings of its drawn
/// set, `size` pixels a side.
///
/// # Errors
/// If a setting is refused, the photos cannot be read, there is none, or a file cannot be written;
/// [`Stopped`] if a signal ended it.
pub async fn export_pictures(args: ExportArgs) -> anyhow::Result<()> {
    stop::listen()?;
    let config = settings_from(&args.settings)?;
    let mut counts = config.data.clone();
    match args.only {
        Some(Part::Train) => counts.valid = 0,
        Some(Part::Valid) => counts.train = 0,
        None => {}
    }
    let kind = if args.data.is_some() { "photo" } else { "drawing" };
    let (folder, ended) = match &args.data {
        Some(data) => {
            let files = [parquet_file(data, TRAIN_FILE)?, parquet_file(data, VALID_FILE)?];
            let mut folder = PictureFolder::create(&args.out, kind)?;
            let ended = photos(&files, &counts, config.seed, &mut folder).await;
            (folder, ended)
        }
        None => {
            let mut folder = PictureFolder::create(&args.out, kind)?;
            let ended = drawings(&config, &counts, &mut folder);
            (folder, ended)
        }
    };
    let out = args.out.display();
    let (train, valid) = (folder.count(Split::Train), folder.count(Split::Valid));
    match ended {
        Ok(()) if train + valid == 0 => Err(ExportError::Nothing.into()),
        Ok(()) => {
            tell(format_args!("wrote {train} training and {valid} validation pictures to {out}"));
            Ok(())
        }
        Err(error) => {
            if train + valid > 0 {
                tell(format_args!(
                    "what was written before is in {out}; delete the files called {kind}-… in its \
                     class folders before you export again"
                ));
            }
            Err(error)
        }
    }
}

/// A file of the set.
fn parquet_file(data: &Path, name: &str) -> anyhow::Result<DiskFile> {
    let path = data.join(name);
    let files = if path.is_file() { DiskFile::open(&path)? } else { Vec::new() };
    Ok(files.into_iter().next().ok_or(ExportError::NoParquet(path))?)
}

/// Writes photos with the bytes that they have in the parquet files.
async fn photos(
    [train, valid]: &[DiskFile; 2],
    counts: &DataConfig,
    seed: u32,
    folder: &mut PictureFolder,
) -> anyhow::Result<()> {
    let files = [FileRanges::new(train), FileRanges::new(valid)];
    let (mut problems, mut others) = (Problems::default(), Problems::default());
    let mut failed = None;
    let read = read_encoded(files, counts, seed, &mut problems, async |picture| {
        match ending(&picture.bytes) {
            Some(ending) => {
                let written = folder.write(picture.split, &picture.class, ending, &picture.bytes);
                failed = written.err();
            }
            None => others.add(&picture.position, not_exported(&picture.bytes)),
        }
        failed.is_none() && !stop::is_requested()
    })
    .await;
    for Problem { name, reason } in problems.into_vec().into_iter().chain(others.into_vec()) {
        tell(format_args!("{}: {}", in_line(&name), in_line(&reason)));
    }
    match (failed, read) {
        (Some(error), _) => Err(ExportError::Folder(error).into()),
        (None, Err(LoadError::Stopped)) => Err(Stopped.into()),
        (None, read) => Ok(read?),
    }
}

/// Writes drawings. They are those of a run's drawn set: the samples that Predict offers are never
/// among them.
fn drawings(
    config: &RunConfig,
    counts: &DataConfig,
    folder: &mut PictureFolder,
) -> anyhow::Result<()> {
    let DataConfig { train, valid, size, .. } = config.data;
    let parts = [
        (Split::Train, 0..train, counts.train),
        (Split::Valid, train..train + valid, counts.valid),
    ];
    for (split, indices, count) in parts {
        for index in indices.take(count as usize) {
            for (label, (_, class)) in IMAGENETTE.iter().enumerate() {
                if stop::is_requested() {
                    return Err(Stopped.into());
                }
                let picture = drawn::draw(label, index.into(), config.seed.into(), size);
                let bytes = png(&picture).map_err(ExportError::Png)?;
                folder.write(split, class, "png", &bytes).map_err(ExportError::Folder)?;
            }
        }
    }
    Ok(())
}

/// Why the content of a row is not written.
fn not_exported(bytes: &[u8]) -> String {
    match sniff(bytes) {
        Content::Picture(kind) => format!("it is {}, which is not exported", kind.name()),
        _ => "it is no picture of a kind that is known".into(),
    }
}

/// The ending of a picture's file by what it holds; `None` for what is not decoded here and has no
/// ending that everybody uses.
fn ending(bytes: &[u8]) -> Option<&'static str> {
    let Content::Picture(kind) = sniff(bytes) else { return None };
    match kind {
        PictureKind::Jpeg
        | PictureKind::ArithmeticJpeg
        | PictureKind::LosslessJpeg
        | PictureKind::DeepJpeg
        | PictureKind::RareJpeg => Some("jpg"),
        PictureKind::Png => Some("png"),
        PictureKind::WebP => Some("webp"),
        PictureKind::Gif => Some("gif"),
        PictureKind::Bmp => Some("bmp"),
        PictureKind::Avif => Some("avif"),
        PictureKind::Heic => Some("heic"),
        _ => None,
    }
}
