//! Short forms of the kinds of settings, for the table.

use crate::settings::kind::{Field, Kind};

/// Access to a field of [`RunConfig`](crate::RunConfig), by its path.
macro_rules! field {
    ($($name:ident).+) => {
        $crate::settings::kind::Field { get: |run| &run.$($name).+, get_mut: |run| &mut run.$($name).+ }
    };
}

/// A setting whose value is one of an enum's `CHOICES`.
macro_rules! choice {
    ($type:ident, $($name:ident).+) => {
        $crate::settings::kind::Kind::Choice {
            choices: $type::CHOICES,
            get: |run| run.$($name).+.name(),
            set: |run, name| {
                $type::from_name(name).map(|value| run.$($name).+ = value).is_some()
            },
        }
    };
}

/// A setting whose value is a whole number.
pub const fn integer(min: u32, max: u32, field: Field<u32>) -> Kind {
    Kind::Integer { min, max, field }
}

/// A setting whose value is a real number.
pub const fn real(min: f64, max: f64, field: Field<f64>) -> Kind {
    Kind::Real { min, max, field }
}

/// A setting whose value is a list of whole numbers.
pub const fn list(max_len: usize, min: u32, max: u32, field: Field<Vec<u32>>) -> Kind {
    Kind::List { max_len, min, max, field }
}

pub(super) use {choice, field};
