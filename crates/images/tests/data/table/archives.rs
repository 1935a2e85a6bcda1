//! Archives: formats, and what is odd in them.

mod zips;

use super::{Expected, Row, loaded, loaded_with, refused};
use crate::archive_fixtures::{
    ZipItem, byte_tar, end_mark, in_bytes, pax_record, pax_tar, unicode_path, zip_of,
};
use crate::fixtures::{folder, gzip, jpeg, raw_entry, tar};
use crate::made::Held;

/// The pictures of most rows, as in the first row of the names: they come to the same set, whatever
/// they are packed in.
fn pets() -> Vec<(String, Vec<u8>)> {
    folder("pets", &["cat", "dog"], 10)
}

fn all_pets() -> Expected {
    loaded(&[("cat", 8, 2), ("dog", 8, 2)], PETS)
}

fn all_pets_but(problems: &[&str]) -> Expected {
    loaded_with(&[("cat", 8, 2), ("dog", 8, 2)], PETS, problems, &[])
}

/// The fingerprint of [`pets`].
const PETS: u64 = 0xf8d1_826e_c6b4_2cb4;
/// The same without `cat/0.jpg`.
const PETS_BUT_ONE: u64 = 0xe1d4_0199_d2e8_32a5;
/// The same without the last dogs, from `dog/6.jpg` on.
const FEWER_DOGS: u64 = 0xf885_5077_a53e_25e8;

/// The pictures of two classes whose names are any bytes.
fn named(one: &[u8], other: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let path = |name: &[u8], index: u64| [b"p/", name, format!("/{index}.jpg").as_bytes()].concat();
    let class = |label: usize, name: &[u8]| -> Vec<_> {
        (0..5).map(|index| (path(name, index), jpeg(label, index))).collect()
    };
    [class(0, one), class(1, other)].concat()
}

/// The same in a zip archive.
fn named_zip(one: &[u8], other: &[u8], change: impl Fn(&mut ZipItem)) -> Vec<u8> {
    let items = named(one, other).into_iter().map(|(name, bytes)| {
        let mut item = ZipItem::new(name, bytes);
        change(&mut item);
        item
    });
    zip_of(&items.collect::<Vec<_>>())
}

fn cut(bytes: Vec<u8>, tenths: usize) -> Vec<u8> {
    bytes[..bytes.len() * tenths / 10].to_vec()
}

fn row(
    opened: &'static str,
    outcome: &'static str,
    name: &str,
    bytes: Vec<u8>,
    expected: Expected,
) -> Row {
    Row::new(opened, outcome, vec![Held::new(name, bytes)], expected)
}

const READ: &str = "read";

/// The rows.
pub fn rows() -> Vec<Row> {
    let mut rows = tars();
    rows.extend(joined_and_cut());
    rows.extend(zips::kinds());
    rows.extend(zips::odd());
    rows.extend(old_names());
    rows.extend(no_archives());
    rows
}

/// Dialects of tar.
fn tars() -> Vec<Row> {
    let attribute = pax_record("LIBARCHIVE.xattr.com.apple.ResourceFork", &vec![b'7'; 100_000]);
    let deep: Vec<_> = pets()
        .into_iter()
        .map(|(path, bytes)| (format!("{}{path}", "deep/".repeat(40)), bytes))
        .collect();
    let mut doubled = pets();
    doubled.extend(pets().into_iter().map(|(path, _)| {
        let (folder, file) = path.rsplit_once('/').unwrap();
        (format!("{folder}/._{file}"), b"\0\x05\x16\x07".to_vec())
    }));
    let entry = |name: &str, kind| raw_entry(name, kind, 0, b"");
    vec![
        row("`.tar`", READ, "pets.tar", byte_tar(&in_bytes(&pets()), false), all_pets()),
        row("`.tgz`, `.tar.gz`", READ, "pets.tar.gz", gzip(&tar(&pets())), all_pets()),
        row(
            "a tar of the first kind (v7, no magic number)",
            READ,
            "pets.tar",
            byte_tar(&in_bytes(&pets()), true),
            all_pets(),
        ),
        row(
            "the same, compressed",
            READ,
            "pets.tgz",
            gzip(&byte_tar(&in_bytes(&pets()), true)),
            all_pets(),
        ),
        row("paths of more than 100 characters, GNU tar", READ, "pets.tar", tar(&deep), all_pets()),
        row(
            "paths of more than 100 characters, pax (Python, BSD, macOS)",
            READ,
            "pets.tar",
            pax_tar(&deep, b""),
            all_pets(),
        ),
        row(
            "pax headers with 100 kB of attributes each (macOS)",
            "read; the attributes are passed over",
            "pets.tgz",
            gzip(&pax_tar(&pets(), &attribute)),
            all_pets(),
        ),
        row(
            "macOS's `._` files in a tar",
            "left out in silence",
            "pets.tar",
            tar(&doubled),
            all_pets(),
        ),
        row(
            "links in a tar",
            "told; the rest is read",
            "pets.tar",
            [
                entry("pets/cat/l.jpg", tar::EntryType::Symlink),
                entry("pets/cat/h.jpg", tar::EntryType::Link),
                tar(&pets()),
            ]
            .concat(),
            all_pets_but(&[
                "pets.tar: pets/cat/l.jpg: a link in an archive is not followed",
                "pets.tar: pets/cat/h.jpg: a link in an archive is not followed",
            ]),
        ),
        row(
            "a sparse file in a tar",
            "told; the rest is read",
            "pets.tar",
            [raw_entry("pets/cat/s.jpg", tar::EntryType::GNUSparse, 3, b"abc"), tar(&pets())]
                .concat(),
            all_pets_but(&[
                "pets.tar: pets/cat/s.jpg: it is stored with holes (a sparse file), which is not read; pack the folder again without the option --sparse",
            ]),
        ),
        row(
            "paths that lead out of the archive's folder",
            "told; the rest is read",
            "pets.tar",
            [raw_entry("../../pets/cat/x.jpg", tar::EntryType::Regular, 3, b"abc"), tar(&pets())]
                .concat(),
            all_pets_but(&[
                "pets.tar: ../../pets/cat/x.jpg: its path leads out of the folder; such entries are left out",
            ]),
        ),
    ]
}

/// Several archives in one file, and parts of one.
fn joined_and_cut() -> Vec<Row> {
    let files = pets();
    let (cats, dogs) = files.split_at(10);
    let bomb: Vec<_> =
        (0..8).map(|index| (format!("a/b/{index}.txt"), vec![0; 32 << 20])).collect();
    let cut_off = "the archive is cut off; the pictures before the cut are used, load it again for the others";
    vec![
        row(
            "two tars, joined (`cat a.tar b.tar`)",
            "both are read",
            "pets.tar",
            [tar(cats), tar(dogs)].concat(),
            all_pets(),
        ),
        row(
            "two `.tgz`, joined",
            "both are read",
            "pets.tgz",
            [gzip(&tar(cats)), gzip(&tar(dogs))].concat(),
            all_pets(),
        ),
        row(
            "something else after a tar's end",
            "told; the tar is read",
            "pets.tar",
            [tar(&files), b"no header".repeat(100)].concat(),
            all_pets_but(&[
                "pets.tar: something that is no archive follows its end, and is left out; if pictures are missing, load the archive again",
            ]),
        ),
        row(
            "a tar without the zeros at its end",
            "read, and told: it may be cut off",
            "pets.tar",
            cut(byte_tar(&in_bytes(&pets()), false), 10)
                [..byte_tar(&in_bytes(&pets()), false).len() - 1024]
                .to_vec(),
            all_pets_but(&[
                "pets.tar: it ends without the mark that a whole archive ends with; if pictures are missing, load it again",
            ]),
        ),
        row(
            "a tar that is cut off",
            "what came before the cut is used, and the loss is told",
            "pets.tar",
            cut(byte_tar(&in_bytes(&pets()), false), 8),
            loaded_with(
                &[("cat", 8, 2), ("dog", 5, 1)],
                FEWER_DOGS,
                &[&format!("pets.tar: {cut_off}")],
                &[],
            ),
        ),
        row(
            "a `.tgz` that is cut off",
            "the same",
            "pets.tgz",
            cut(gzip(&tar(&pets())), 8),
            loaded_with(
                &[("cat", 8, 2), ("dog", 5, 1)],
                FEWER_DOGS,
                &[&format!("pets.tgz: {cut_off}")],
                &[],
            ),
        ),
        row(
            "an archive that unpacks to a hundred times its size",
            "refused",
            "bomb.tgz",
            gzip(&tar(&bomb)),
            refused(
                "bomb.tgz: the archive unpacks to more than 20 times its size, as no archive of photos does; it is read no further",
            ),
        ),
        row(
            "an empty archive",
            "refused",
            "pets.tar",
            end_mark(),
            refused("pets.tar: the archive is empty; choose another"),
        ),
    ]
}

/// Names in encodings of their time.
fn old_names() -> Vec<Row> {
    let told = |archive: &str, encoding: &str| {
        format!(
            "{archive}: 10 names in it are written in an older encoding, and read as {encoding}; if they look wrong, pack the folder again with a newer program, or open the folder itself"
        )
    };
    let bears = |told: &[&str]| {
        loaded_with(&[("Bär", 4, 1), ("Bör", 4, 1)], 0x576f_b64f_58c9_6fc1, told, &[])
    };
    let animals = |told: &[&str]| {
        loaded_with(&[("犬しば", 4, 1), ("猫みけ", 4, 1)], 0xd86f_a273_6bcc_57e5, told, &[])
    };
    let shift_jis: [&[u8]; 2] = [b"\x8c\xa2\x82\xb5\x82\xce", b"\x94\x4c\x82\xdd\x82\xaf"];
    vec![
        row(
            "a tar with names in Latin 1 (`B\\xE4r`, `B\\xF6r`)",
            "the encoding is found and told: Bär, Bör",
            "p.tar",
            byte_tar(&named(b"B\xe4r", b"B\xf6r"), false),
            bears(&[&told("p.tar", "Western European (windows-1252)")]),
        ),
        row(
            "the same as `.tgz`",
            "the same",
            "p.tgz",
            gzip(&byte_tar(&named(b"B\xe4r", b"B\xf6r"), false)),
            bears(&[&told("p.tgz", "Western European (windows-1252)")]),
        ),
        row(
            "a tar with names in Shift JIS",
            "the encoding is found and told",
            "p.tar",
            byte_tar(&named(shift_jis[0], shift_jis[1]), false),
            animals(&[&told("p.tar", "Japanese (Shift_JIS)")]),
        ),
        row(
            "`.zip` with names in UTF-8",
            READ,
            "p.zip",
            named_zip("Bär".as_bytes(), "Bör".as_bytes(), |item| item.flags = 1 << 11),
            bears(&[]),
        ),
        row(
            "`.zip` with names as Windows writes them (code page 437 or 850)",
            "the encoding is found and told",
            "p.zip",
            named_zip(b"B\x84r", b"B\x94r", |item| item.host = 0),
            bears(&[&told("p.zip", "Western European (cp437)")]),
        ),
        row(
            "`.zip` with names in Shift JIS",
            "the encoding is found and told",
            "p.zip",
            named_zip(shift_jis[0], shift_jis[1], |item| item.host = 0),
            animals(&[&told("p.zip", "Japanese (Shift_JIS)")]),
        ),
        row(
            "`.zip` with names in an old encoding, and in UTF-8 beside them (Info-ZIP, WinRAR)",
            READ,
            "p.zip",
            named_zip(b"B\x84r", b"B\x94r", |item| {
                let text = String::from_utf8_lossy(&item.name).into_owned();
                let path = if item.name.contains(&0x84) {
                    text.replace('\u{fffd}', "ä")
                } else {
                    text.replace('\u{fffd}', "ö")
                };
                item.extra = unicode_path(&item.name, &path);
            }),
            bears(&[]),
        ),
    ]
}

/// What is no archive that is read here.
fn no_archives() -> Vec<Row> {
    vec![
        row(
            "`.gz` of a single picture",
            "refused",
            "photo.jpg.gz",
            gzip(&jpeg(0, 0)),
            refused(
                "photo.jpg.gz: what is compressed in this .gz file is a single JPEG picture; unpack it, and open what comes out",
            ),
        ),
        row(
            "a `.tar` that is an `.xz` (or `.zst`, `.bz2`, `.7z`, `.rar`)",
            "refused by name",
            "pets.tar",
            b"\xfd7zXZ\0\0\x04".repeat(99),
            refused(
                "pets.tar: this is an .xz archive, which is not read here; .zip, .tar and .tgz are. Unpack it and open the folder",
            ),
        ),
        row(
            "a `.zip` that is a web page",
            "refused",
            "pets.zip",
            b"<!DOCTYPE html><html>".repeat(50),
            refused(
                "pets.zip: this is a web page and no archive, so the download went wrong; load it again",
            ),
        ),
        row(
            "a `.zip` that is anything else",
            "refused",
            "pets.zip",
            b"notes ".repeat(99),
            refused(
                "pets.zip: this is no .zip, .tar or .tgz archive, whatever its name says. If it is an archive of another kind, unpack it and open the folder",
            ),
        ),
    ]
}
