//! Settings that are one of several spellings.

/// One value of a setting that is chosen from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How a link spells the value.
    pub name: &'static str,
    /// What a person reads.
    pub label: &'static str,
}

/// Gives an enum the spelling and the label of each of its values: `CHOICES`, `name()`, `label()`
/// and `from_name()`.
macro_rules! choices {
    ($type:ident { $($variant:ident => $name:literal, $label:literal);+ $(;)? }) => {
        impl $type {
            /// Every value, in the order in which a person should read them.
            pub const CHOICES: &'static [$crate::settings::choice::Choice] =
                &[$($crate::settings::choice::Choice { name: $name, label: $label }),+];

            /// The spelling that a link uses for the value.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What a person reads.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// The value with this spelling, or `None` if there is none.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use choices;
