//! Class names, and what keeps them apart; file names, and what they say.

use super::{Expected, Row, loaded, loaded_with};
use crate::fixtures::{folder, jpeg};
use crate::layout_files::{archive, folders};
use crate::made::{Held, held};

/// The rows.
pub fn rows() -> Vec<Row> {
    [class_names(), look_alikes(), file_names()].into_iter().flatten().collect()
}

/// Ten pictures of each class.
fn classes(names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let paths: Vec<String> = names.iter().map(|name| format!("set/{name}")).collect();
    let all: Vec<(&str, usize, u64)> =
        paths.iter().enumerate().map(|(drawing, path)| (path.as_str(), drawing, 10)).collect();
    folders(&all)
}

fn row(opened: &'static str, outcome: &'static str, files: Vec<Held>, expected: Expected) -> Row {
    Row::new(opened, outcome, files, expected)
}

/// One in five of ten pictures validates.
fn two(one: &str, other: &str, fingerprint: u64) -> Expected {
    loaded(&[(one, 8, 2), (other, 8, 2)], fingerprint)
}

const ATALANTA: &str = "Animalia_Arthropoda_Insecta_Lepidoptera_Nymphalidae_Vanessa_atalanta";
const CARDUI: &str = "Animalia_Arthropoda_Insecta_Lepidoptera_Nymphalidae_Vanessa_cardui";

fn class_names() -> Vec<Row> {
    let long = || classes(&[ATALANTA, CARDUI]);
    let shown = [
        "Animalia_Arthropoda_Insecta_Le…_Nymphalidae_Vanessa_atalanta",
        "Animalia_Arthropoda_Insecta_Le…ra_Nymphalidae_Vanessa_cardui",
    ];
    let (start, end) = ("x".repeat(60), "y".repeat(60));
    let twins = [format!("{start}1{end}"), format!("{start}2{end}")];
    vec![
        row(
            "two class folders, `cat` and `dog`",
            "two classes; one in five pictures validates",
            held(&folder("pets", &["cat", "dog"], 10)),
            loaded(&[("cat", 8, 2), ("dog", 8, 2)], 0xf8d1_826e_c6b4_2cb4),
        ),
        row(
            "names that are equal in their first 60 characters",
            "two classes; the names are shortened in the middle, for the eye only",
            held(&long()),
            two(shown[0], shown[1], 0x49a0_e026_90b8_a55f),
        ),
        row(
            "the same as `.tgz`",
            "the same",
            archive("set.tgz", &long()),
            two(shown[0], shown[1], 0x49a0_e026_90b8_a55f),
        ),
        row(
            "names of 121 characters that differ in the middle",
            "two classes with a number",
            held(&classes(&[&twins[0], &twins[1]])),
            {
                let short = format!("{}…{}", "x".repeat(30), "y".repeat(29));
                two(&short, &format!("{short} (2)"), 0xf14b_3581_0fae_730c)
            },
        ),
        row(
            "ImageNet's ids, `n01440764` and `n03888257`",
            "tench and parachute",
            held(&classes(&["n01440764", "n03888257"])),
            two("tench", "parachute", 0x51a5_0f61_56a5_e9e9),
        ),
        row(
            "`Church` and `golf ball`",
            "their own names",
            held(&classes(&["Church", "golf ball"])),
            two("Church", "golf ball", 0xdea9_e25f_9775_f530),
        ),
        row(
            "`church` beside `n03028079`, ImageNet's id for it",
            "two classes, told apart by the id",
            held(&classes(&["church", "n03028079"])),
            two("church", "church (n03028079)", 0x9a28_db10_0475_8ce5),
        ),
        row(
            "`crane` beside `n03126707`, one of ImageNet's two cranes, as `.tar`",
            "two classes, told apart by the id",
            archive("set.tar", &classes(&["crane", "n03126707"])),
            two("crane", "crane (n03126707)", 0x334a_bd75_49b3_4763),
        ),
        row(
            "names in other scripts, `חתול` and `🐕`",
            "two classes",
            held(&classes(&["חתול", "🐕"])),
            two("חתול", "🐕", 0xcba7_5d97_0b4a_3818),
        ),
        row(
            "numbers, `0` and `1`",
            "two classes",
            held(&classes(&["0", "1"])),
            two("0", "1", 0x9c5e_e574_7248_117a),
        ),
        row(
            "a folder called `cats.zip`, and a folder `cats`",
            "two classes",
            held(&classes(&["cats.zip", "cats"])),
            two("cats", "cats.zip", 0x39a4_6cc6_d621_cdd1),
        ),
        row(
            "a folder whose name has no visible character",
            "it is left out and told",
            held(&classes(&["cat", "dog", "\u{202e}\u{200b}"])),
            loaded_with(
                &[("cat", 8, 2), ("dog", 8, 2)],
                0x174f_f1fe_a41e_ffe4,
                &[],
                &[
                    "set/\u{202e}\u{200b} (10): no character of this folder's name can be displayed; give it another name to use its pictures",
                ],
            ),
        ),
    ]
}

fn look_alikes() -> Vec<Row> {
    const ALIKE: &str = "these class names differ only in capital letters, spaces or characters that cannot be seen; they are kept apart: give them the same name if they are one class";
    const JOINED: &str = "folders write the accents of this name in two ways, which look the same; they are one class";
    let accents = folders(&[
        ("set/train/caf\u{e9}", 0, 10),
        ("set/train/th\u{e9}", 1, 10),
        ("set/val/cafe\u{301}", 2, 6),
        ("set/val/the\u{301}", 3, 6),
    ]);
    let joined = || {
        loaded_with(
            &[("café", 10, 6), ("thé", 10, 6)],
            0x1bba_c37f_8147_4778,
            &[&format!("café: {JOINED}"), &format!("thé: {JOINED}")],
            &[],
        )
    };
    vec![
        row(
            "`café` composed in `train` and decomposed in `val`, as macOS writes it",
            "one class, and told; the split is kept",
            held(&accents),
            joined(),
        ),
        row("the same as `.tgz`", "the same", archive("set.tgz", &accents), joined()),
        row(
            "`Cat` and `cat`",
            "two classes, and told",
            held(&classes(&["Cat", "cat"])),
            loaded_with(
                &[("Cat", 8, 2), ("cat", 8, 2)],
                0x316a_82fe_5dcd_7550,
                &[&format!("Cat, cat: {ALIKE}")],
                &[],
            ),
        ),
        row(
            "`cat` and `cat` with a space at its end, as `.tar`",
            "two classes with a number, and told",
            archive("set.tar", &classes(&["cat", "cat "])),
            loaded_with(
                &[("cat", 8, 2), ("cat (2)", 8, 2)],
                0xbf09_e216_83ef_0588,
                &[&format!("cat, cat: {ALIKE}")],
                &[],
            ),
        ),
        row(
            "`cat` and `cat` with a character that turns the text around",
            "two classes with a number, and told",
            held(&classes(&["cat", "\u{202e}cat"])),
            loaded_with(
                &[("cat", 8, 2), ("cat (2)", 8, 2)],
                0x8c7b_0144_aac7_8bf1,
                &[&format!("cat, cat: {ALIKE}")],
                &[],
            ),
        ),
    ]
}

/// Pictures under names that say little.
fn endings(class: &str, drawing: usize) -> Vec<(String, Vec<u8>)> {
    let names = [
        "0.JPEG",
        "1.jpe",
        "2.jfif",
        "3.jpg!d",
        "4.jpg_large",
        "5.jpg?w=300",
        "6.jpeg (1)",
        "7",
        "Dr. Who",
        "9.pjpeg",
    ];
    let files = names.iter().enumerate();
    files
        .map(|(index, name)| (format!("pets/{class}/{name}"), jpeg(drawing, index as u64)))
        .collect()
}

fn file_names() -> Vec<Row> {
    let odd = [endings("cat", 0), endings("dog", 1)].concat();
    let pets = || folders(&[("pets/cat", 0, 10), ("pets/dog", 1, 10)]);
    let with = |more: &[(&str, &[u8])]| {
        let more = more.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        [pets(), more.collect()].concat()
    };
    let png = {
        let mut out = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(9, 9, image::Rgb([9, 99, 199]))
            .write_to(&mut out, image::ImageFormat::Png)
            .unwrap();
        out.into_inner()
    };
    let told = |name: &str, reason: &str| {
        loaded_with(
            &[("cat", 8, 2), ("dog", 8, 2)],
            0x174f_f1fe_a41e_ffe4,
            &[&format!("{name}: {reason}")],
            &[],
        )
    };
    vec![
        row(
            "`.jpe`, `.jpg!d`, `.jpg_large`, `.jpg?w=300`, `.jpeg (1)`, no ending",
            "all are read: the first bytes say what a file is",
            held(&odd),
            two("cat", "dog", 0xf4e3_78d3_39b5_9a00),
        ),
        row(
            "the same as `.tar`",
            "the same",
            archive("pets.tar", &odd),
            two("cat", "dog", 0xf4e3_78d3_39b5_9a00),
        ),
        row(
            "a PNG called `.jpg`, and one called `.data`",
            "both are read",
            held(&with(&[("pets/cat/x.jpg", &png), ("pets/dog/y.data", &png)])),
            loaded(&[("cat", 9, 2), ("dog", 9, 2)], 0xbee1_40aa_cf97_76d4),
        ),
        row(
            "lists and notes beside the pictures, `labels.csv`, `README.md`, `.DS_Store`, `__MACOSX`",
            "they are left out without a word",
            held(&with(&[
                ("pets/labels.csv", b"a,b"),
                ("pets/README.md", b"#"),
                ("pets/cat/.DS_Store", b"x"),
                ("pets/__MACOSX/cat/._1.jpg", b"x"),
                ("pets/dog/Thumbs.db", b"x"),
            ])),
            two("cat", "dog", 0x174f_f1fe_a41e_ffe4),
        ),
        row(
            "a program beside the pictures",
            "it is left out and told",
            held(&with(&[("pets/cat/setup.exe", b"MZ")])),
            told(
                "pets/cat/setup.exe",
                "this is no picture that is read; save it as JPEG or PNG if it is one",
            ),
        ),
        row(
            "the same as `.tgz`",
            "the same",
            archive("pets.tgz", &with(&[("pets/cat/setup.exe", b"MZ")])),
            told(
                "pets.tgz: pets/cat/setup.exe",
                "this is no picture that is read; save it as JPEG or PNG if it is one",
            ),
        ),
        row(
            "a `.7z` beside the class folders",
            "it is left out and told",
            held(&with(&[("pets/more.7z", b"7z")])),
            told(
                "pets/more.7z",
                "archives of this kind are not read, only .zip, .tar and .tgz; unpack it and open the folder",
            ),
        ),
        row(
            "a `.zip` inside a `.tar`",
            "it is left out and told",
            archive("pets.tar", &with(&[("pets/more.zip", b"PK")])),
            told(
                "pets.tar: pets/more.zip",
                "an archive in an archive is not read; unpack it, and open it by itself",
            ),
        ),
    ]
}
