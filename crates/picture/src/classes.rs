//! Imagenette's ten classes.
//!
//! They are in the order of their WordNet ids, which is the order of the labels everywhere in this
//! program, in fastai and in Hugging Face's `frgfm/imagenette`.

/// The WordNet id and the English name of each class, in label order.
pub const IMAGENETTE: [(&str, &str); 10] = [
    ("n01440764", "tench"),
    ("n02102040", "English springer"),
    ("n02979186", "cassette player"),
    ("n03000684", "chain saw"),
    ("n03028079", "church"),
    ("n03394916", "French horn"),
    ("n03417042", "garbage truck"),
    ("n03425413", "gas pump"),
    ("n03445777", "golf ball"),
    ("n03888257", "parachute"),
];

/// The names of Imagenette's ten classes in label order.
pub fn imagenette_names() -> Vec<String> {
    IMAGENETTE.iter().map(|(_, name)| name.to_string()).collect()
}
