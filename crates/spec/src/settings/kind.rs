//! The kinds of settings: which values they accept, and how a value is read and written.

use crate::block_place::BlockPlace;
use crate::run_config::RunConfig;
use crate::settings::choice::Choice;

/// Access to one field of a [`RunConfig`].
#[derive(Debug)]
pub struct Field<T: 'static> {
    /// Returns the field.
    pub get: fn(&RunConfig) -> &T,
    /// Returns the field to be changed.
    pub get_mut: fn(&mut RunConfig) -> &mut T,
}

/// The values that a setting accepts, and the field of [`RunConfig`] that holds them.
#[derive(Debug)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// The lowest value.
        min: u32,
        /// The highest value.
        max: u32,
        /// Where the number is kept.
        field: Field<u32>,
    },
    /// A real number.
    Real {
        /// The lowest value.
        min: f64,
        /// The highest value.
        max: f64,
        /// Where the number is kept.
        field: Field<f64>,
    },
    /// Whole numbers with commas between them; the list may be empty.
    List {
        /// The most numbers that the list may have.
        max_len: usize,
        /// The lowest number.
        min: u32,
        /// The highest number.
        max: u32,
        /// Where the list is kept.
        field: Field<Vec<u32>>,
    },
    /// Blocks of the network as `stage.block`, with commas between them; the list may be empty.
    Blocks {
        /// The most blocks that the list may have.
        max_len: usize,
        /// Where the list is kept.
        field: Field<Vec<BlockPlace>>,
    },
    /// One of several values.
    Choice {
        /// The values.
        choices: &'static [Choice],
        /// Returns the spelling of the run's value.
        get: fn(&RunConfig) -> &'static str,
        /// Sets the value with this spelling; returns false, and changes nothing, if there is
        /// none.
        set: fn(&mut RunConfig, &str) -> bool,
    },
    /// A relative or `http(s)` address; may be empty.
    Address {
        /// Where the address is kept.
        field: Field<String>,
    },
}

impl Kind {
    /// What is accepted, in a few words: "a whole number from 1 to 64".
    pub fn bounds(&self) -> String {
        match self {
            Self::Integer { min, max, .. } => format!("a whole number from {min} to {max}"),
            Self::Real { min, max, .. } => format!("a number from {min} to {max}"),
            Self::List { max_len, min, max, .. } => {
                format!(
                    "0 to {max_len} whole numbers from {min} to {max}, with commas between them"
                )
            }
            Self::Blocks { max_len, .. } => format!(
                "0 to {max_len} blocks as stage.block, such as 2.1, with commas between them"
            ),
            Self::Choice { choices, .. } => {
                let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
                format!("one of {}", names.join(", "))
            }
            Self::Address { .. } => "an address that starts with https://, http:// or /".into(),
        }
    }

    /// What is accepted, as a clause for a message.
    pub(super) fn wanted(&self) -> String {
        match self {
            Self::List { .. } | Self::Blocks { .. } => format!("{}, are wanted", self.bounds()),
            _ => format!("{} is wanted", self.bounds()),
        }
    }

    /// The value in `run`, as a link spells it.
    pub(super) fn get(&self, run: &RunConfig) -> String {
        match self {
            Self::Integer { field, .. } => (field.get)(run).to_string(),
            Self::Real { field, .. } => (field.get)(run).to_string(),
            Self::List { field, .. } => {
                (field.get)(run).iter().map(u32::to_string).collect::<Vec<_>>().join(",")
            }
            Self::Blocks { field, .. } => BlockPlace::write_list((field.get)(run)),
            Self::Choice { get, .. } => get(run).into(),
            Self::Address { field } => (field.get)(run).clone(),
        }
    }

    /// Reads `value` into `run`. Returns false, and changes nothing, if it is not accepted.
    pub(super) fn set(&self, run: &mut RunConfig, value: &str) -> bool {
        let value = value.trim();
        match self {
            Self::Integer { min, max, field } => put(field, run, integer(value, *min, *max)),
            Self::Real { min, max, field } => put(field, run, real(value, *min, *max)),
            Self::List { max_len, min, max, field } => {
                put(field, run, list(value, *max_len, *min, *max))
            }
            Self::Blocks { max_len, field } => {
                put(field, run, BlockPlace::read_list(value, *max_len))
            }
            Self::Choice { set, .. } => set(run, value),
            Self::Address { field } => put(field, run, address(value)),
        }
    }
}

/// Stores `value` if there is one, and returns whether there was.
fn put<T>(field: &Field<T>, run: &mut RunConfig, value: Option<T>) -> bool {
    value.map(|value| *(field.get_mut)(run) = value).is_some()
}

fn integer(text: &str, min: u32, max: u32) -> Option<u32> {
    text.parse().ok().filter(|number| (min..=max).contains(number))
}

fn real(text: &str, min: f64, max: f64) -> Option<f64> {
    text.parse().ok().filter(|number| (min..=max).contains(number))
}

fn list(text: &str, max_len: usize, min: u32, max: u32) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    // One part more than allowed is enough to see that the list is too long.
    let parts = text.split(',').take(max_len + 1);
    let numbers: Vec<u32> =
        parts.map(|part| integer(part.trim(), min, max)).collect::<Option<_>>()?;
    (numbers.len() <= max_len).then_some(numbers)
}

/// A relative or `http(s)` address without slashes at its end: anything else (`javascript:`,
/// `data:`, `file:`) has no business in a link.
fn address(text: &str) -> Option<String> {
    const LONGEST: usize = 2000;
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let web = text.starts_with("http://") || text.starts_with("https://");
    let relative = scheme.is_none_or(|scheme| scheme.contains('/'));
    let accepted =
        text.len() <= LONGEST && !text.chars().any(char::is_control) && (web || relative);
    accepted.then(|| text.trim_end_matches('/').to_string())
}
