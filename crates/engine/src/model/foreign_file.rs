//! What a file is that holds no network of a kind that is read: somebody chose the wrong one, or
//! its download gave something else.

use resnette_images::decode::kind::{Content, OtherFile, sniff};

/// How many bytes at the beginning may name what is in an archive.
const NAMES_BYTES: usize = 4_096;

/// A file that is neither safetensors nor burnpack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFile {
    /// There are no bytes.
    Empty,
    /// Every byte is zero.
    Zeros,
    /// HTML, or another document in angle brackets.
    WebPage,
    /// What Git LFS keeps in the place of a large file.
    LfsPointer,
    /// What `torch.save` writes: a pickle, alone or in a zip archive.
    Pickle,
    /// The list of the files of a network that is stored in several.
    Index,
    /// Keras's or another program's HDF5.
    Hdf5,
    /// ONNX.
    Onnx,
    /// TensorFlow Lite.
    TfLite,
    /// A language model for llama.cpp.
    Gguf,
    /// A run that this page saved.
    SavedRun,
    /// A picture.
    Picture,
    /// Another kind of file that is known.
    Other(OtherFile),
}

impl ForeignFile {
    /// What a file is, going by its first bytes; `None` if it may be safetensors, or is of no kind
    /// that is known.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        // The header of safetensors, JSON behind its length, comes first: the length's bytes may
        // look like anything.
        let length = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
        if bytes.get(8) == Some(&b'{') && length.is_some_and(|length| length < 1 << 40) {
            return None;
        }
        if bytes.is_empty() {
            return Some(Self::Empty);
        }
        // What little there is of it tells nothing.
        if bytes.len() <= 8 {
            return None;
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Some(Self::Zeros);
        }
        if bytes.trim_ascii_start().starts_with(b"<") && !bytes.contains(&0) {
            return Some(Self::WebPage);
        }
        let signatures: [(usize, &[u8], Self); 7] = [
            (0, b"\x89HDF\r\n\x1a\n", Self::Hdf5),
            (0, b"GGUF", Self::Gguf),
            (0, b"RESNETTE", Self::SavedRun),
            (4, b"TFL3", Self::TfLite),
            // Protocols 2 to 5, each followed by the first of its instructions.
            (0, b"\x80\x02", Self::Pickle),
            (0, b"\x80\x04\x95", Self::Pickle),
            (0, b"\x80\x05\x95", Self::Pickle),
        ];
        let starts = |at: usize, with: &[u8]| bytes.get(at..at + with.len()) == Some(with);
        if let Some((.., kind)) = signatures.into_iter().find(|(at, with, _)| starts(*at, with)) {
            return Some(kind);
        }
        let head = bytes.get(..NAMES_BYTES).unwrap_or(bytes);
        let holds = |words: &[u8]| head.windows(words.len()).any(|window| window == words);
        // The version of the format and the name of the program are the first two fields.
        if bytes.first() == Some(&8) && bytes.get(2) == Some(&0x12) && holds(b"torch") {
            return Some(Self::Onnx);
        }
        match sniff(bytes) {
            Content::Picture(_) => Some(Self::Picture),
            Content::Other(OtherFile::Zip) if holds(b"data.pkl") => Some(Self::Pickle),
            Content::Other(OtherFile::LfsPointer) => Some(Self::LfsPointer),
            Content::Other(OtherFile::Json) if holds(b"weight_map") => Some(Self::Index),
            Content::Other(other) => Some(Self::Other(other)),
            Content::Unknown => None,
        }
    }
}

impl std::error::Error for ForeignFile {}

/// What was found, and what to do.
impl std::fmt::Display for ForeignFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (found, advice) = match self {
            Self::Empty => {
                return f.write_str(
                    "the file is empty: its download or copy did not work. Download it again",
                );
            }
            Self::Zeros => {
                return f.write_str(
                    "the file holds nothing but zeros, as after a download that did not work. \
                     Download it again",
                );
            }
            Self::WebPage => {
                return f.write_str(
                    "this is a web page and no safetensors file; download the file itself",
                );
            }
            Self::LfsPointer => (
                "a pointer of Git LFS, a few lines that stand for the file",
                "get the file itself, with git lfs pull or by the download button of its page",
            ),
            Self::Pickle => (
                "a file of PyTorch (.pth, .pt or .bin), a small program that would have to be run \
                 to be read",
                "open it in PyTorch and save its state dict by safetensors.torch.save_file, or \
                 choose the .safetensors beside it",
            ),
            Self::Index => (
                "the list of a network that is stored in several files",
                "a ResNet is one file: choose the .safetensors of a smaller network",
            ),
            Self::Hdf5 => ("a network of Keras or TensorFlow (HDF5)", OTHER_PROGRAM),
            Self::Onnx => ("a network as ONNX", OTHER_PROGRAM),
            Self::TfLite => ("a network for TensorFlow Lite", OTHER_PROGRAM),
            Self::Gguf => ("a language model (GGUF)", WANTED),
            Self::SavedRun => {
                return f.write_str(
                    "this is a whole run that this page saved, and not a network alone; open it by \
                     itself with Open model or run, or save its model and open that",
                );
            }
            Self::Picture => ("a picture", "networks are opened here; classify it in Predict"),
            Self::Other(OtherFile::Zip) => {
                ("a zip archive", "unpack it and open the .safetensors in it, if it has one")
            }
            Self::Other(other) => (other.name(), WANTED),
        };
        write!(f, "this is {found}, and no safetensors or burnpack file; {advice}")
    }
}

const WANTED: &str = "open a ResNet that this page or safetensors.torch.save_file saved";
const OTHER_PROGRAM: &str = "only PyTorch's ResNets are read, saved by safetensors.torch.save_file";
