//! Zip archives: what they are made of, and what is odd in them.

use super::super::{Row, loaded_with, refused};
use super::{FEWER_DOGS, PETS_BUT_ONE, READ, all_pets, all_pets_but, cut, pets, row};
use crate::archive_fixtures::{ZipItem, crc, zip, zip_items, zip_of};
use crate::fixtures::{folder, gzip, jpeg, tar};

fn zip_with(change: impl Fn(&mut ZipItem)) -> Vec<u8> {
    let mut items = zip_items(&pets());
    items.iter_mut().for_each(change);
    zip_of(&items)
}

/// The pictures with other entries before them.
fn zip_after(more: Vec<ZipItem>) -> Vec<u8> {
    zip_of(&[more, zip_items(&pets())].concat())
}

/// Kinds of zip.
pub fn kinds() -> Vec<Row> {
    let mac = pets()
        .into_iter()
        .map(|(path, _)| ZipItem::new(format!("__MACOSX/{path}"), "\0\u{5}\u{16}\u{7}"))
        .collect();
    let backslashes = |item: &mut ZipItem| {
        item.host = 0;
        item.name.iter_mut().filter(|byte| **byte == b'/').for_each(|byte| *byte = b'\\');
    };
    vec![
        row("`.zip`, deflated", READ, "pets.zip", zip(&pets()), all_pets()),
        row(
            "`.zip`, not compressed",
            READ,
            "pets.zip",
            zip_with(|item| item.method = 0),
            all_pets(),
        ),
        row(
            "`.zip` with fields of 64 bits (large archives)",
            READ,
            "pets.zip",
            zip_with(|item| item.zip64 = true),
            all_pets(),
        ),
        row(
            "`.zip` with lengths after the contents (macOS, downloads from Google Drive)",
            READ,
            "pets.zip",
            zip_with(|item| item.flags = 8),
            all_pets(),
        ),
        row(
            "`.zip` with `\\` in its paths (older Windows programs)",
            READ,
            "pets.zip",
            zip_with(backslashes),
            all_pets(),
        ),
        row(
            "`.zip` made by macOS, with a folder `__MACOSX`",
            "that folder is left out in silence",
            "pets.zip",
            zip_after(mac),
            all_pets(),
        ),
        row(
            "`.zip` that unpacks itself (a program before it)",
            READ,
            "pets.zip",
            [b"MZ program ".repeat(100), zip(&pets())].concat(),
            all_pets(),
        ),
        row(
            "two zips, joined",
            "the last is read, the first is told",
            "pets.zip",
            [zip(&folder("old", &["bird"], 5)), zip(&pets())].concat(),
            all_pets_but(&[
                "pets.zip: another archive stands before this one in the same file, and its pictures are left out; unpack both and open the folder",
            ]),
        ),
        row(
            "a `.zip` that is a `.tgz`, going by its contents",
            READ,
            "pets.zip",
            gzip(&tar(&pets())),
            all_pets(),
        ),
        row("a `.tgz` that is not compressed", READ, "pets.tgz", tar(&pets()), all_pets()),
        row("a `.tar` that is compressed", READ, "pets.tar", gzip(&tar(&pets())), all_pets()),
    ]
}

/// Zips with entries that are of no use.
pub fn odd() -> Vec<Row> {
    let item = |name: &str| ZipItem::new(name, jpeg(0, 50));
    let locked = ZipItem { flags: 1, ..item("pets/cat/locked.jpg") };
    let zeros = |name: &str| ZipItem { crc: Some(1), ..ZipItem::new(name, vec![0; 40 << 20]) };
    let mut bomb = zip_items(&pets());
    bomb.extend([zeros("pets/cat/zeros.jpg"), zeros("pets/dog/zeros.jpg")]);
    let mut wrong = zip_items(&pets());
    wrong[0].crc = Some(crc(b"another"));
    let whole = zip(&pets());
    let directory = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let mut parts = zip(&pets());
    let end = parts.len() - 22;
    parts[end + 4] = 2;
    parts[end + 6] = 2;
    let link = ZipItem { attributes: 0o120_777 << 16, ..ZipItem::new("pets/cat/l.jpg", "0.jpg") };
    vec![
        row(
            "`.zip` with a password",
            "refused",
            "pets.zip",
            zip_with(|item| item.flags = 1),
            refused(
                "pets.zip: 20 files in it are locked with a password and left out; unpack it with the password, and open the folder",
            ),
        ),
        row(
            "`.zip`, one file of it with a password",
            "told; the rest is read",
            "pets.zip",
            zip_after(vec![locked]),
            all_pets_but(&[
                "pets.zip: 1 file in it is locked with a password and left out; unpack it with the password, and open the folder",
            ]),
        ),
        row(
            "`.zip` packed with Deflate64 (large files, Windows)",
            "refused",
            "pets.zip",
            zip_with(|item| item.method = 9),
            refused(
                "pets.zip: 20 files in it are packed with Deflate64, which is not read here, and left out; unpack it and open the folder, or pack it again as an ordinary .zip (Deflate)",
            ),
        ),
        row(
            "`.zip` with two files packed with LZMA and Zstandard",
            "told; the rest is read",
            "pets.zip",
            zip_after(vec![
                ZipItem { method: 14, ..item("pets/cat/a.jpg") },
                ZipItem { method: 93, ..item("pets/cat/b.jpg") },
            ]),
            all_pets_but(&[
                "pets.zip: 1 file in it is packed with LZMA, which is not read here, and left out; unpack it and open the folder, or pack it again as an ordinary .zip (Deflate)",
                "pets.zip: 1 file in it is packed with Zstandard, which is not read here, and left out; unpack it and open the folder, or pack it again as an ordinary .zip (Deflate)",
            ]),
        ),
        row(
            "`.zip` with another `.zip` in it",
            "told; the rest is read",
            "pets.zip",
            zip_after(vec![ZipItem::new("pets/inner.zip", zip(&pets()))]),
            all_pets_but(&[
                "pets.zip: pets/inner.zip: an archive in an archive is not read; unpack it, and open it by itself",
            ]),
        ),
        row(
            "`.zip` with a link",
            "told; the rest is read",
            "pets.zip",
            zip_after(vec![link]),
            all_pets_but(&["pets.zip: pets/cat/l.jpg: a link in an archive is not followed"]),
        ),
        row(
            "`.zip` with a damaged picture (another checksum)",
            "told; the rest is read",
            "pets.zip",
            zip_of(&wrong),
            loaded_with(
                &[("cat", 7, 2), ("dog", 8, 2)],
                PETS_BUT_ONE,
                &[
                    "pets.zip: pets/cat/0.jpg: it is damaged (its checksum is another than the archive says) and left out; load the archive again, or pack it again",
                ],
                &[],
            ),
        ),
        row(
            "`.zip` whose table of contents at its end is missing",
            "read from front to back, and the loss is told",
            "pets.zip",
            whole[..directory].to_vec(),
            all_pets_but(&[
                "pets.zip: the archive is cut off; the pictures before the cut are used, load it again for the others",
            ]),
        ),
        row(
            "`.zip` that is cut off",
            "what came before the cut is used, and the loss is told",
            "pets.zip",
            cut(whole[..directory].to_vec(), 8),
            loaded_with(
                &[("cat", 8, 2), ("dog", 5, 1)],
                FEWER_DOGS,
                &[
                    "pets.zip: the archive is cut off; the pictures before the cut are used, load it again for the others",
                ],
                &[],
            ),
        ),
        row(
            "one part of a `.zip` in several parts",
            "refused",
            "pets.zip",
            parts,
            refused(
                "pets.zip: this is one of several parts of an archive; unpack the parts together, and open the folder",
            ),
        ),
        row(
            "`.zip` that unpacks to a hundred times its size",
            "read no further, and told",
            "pets.zip",
            zip_of(&bomb),
            all_pets_but(&[
                "pets.zip: pets/cat/zeros.jpg: it is damaged (its checksum is another than the archive says) and left out; load the archive again, or pack it again",
                "pets.zip: the archive unpacks to more than 20 times its size, as no archive of photos does; it is read no further (in the middle of pets/dog/zeros.jpg)",
            ]),
        ),
    ]
}
