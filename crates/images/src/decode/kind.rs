//! What a file holds, going by its first bytes and not by its name.

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// JPEG, as cameras write it.
    Jpeg,
    /// PNG, animated ones too.
    Png,
    /// WebP, animated ones too.
    WebP,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// A JPEG with arithmetic instead of Huffman coding.
    ArithmeticJpeg,
    /// A JPEG that keeps every number exactly, used in medicine.
    LosslessJpeg,
    /// A JPEG with 12 bits a channel, or another number that is not 8.
    DeepJpeg,
    /// A JPEG of another rare kind: made of pictures of several sizes, with two or more than four
    /// channels, or with its height at its end.
    RareJpeg,
    /// AVIF.
    Avif,
    /// HEIC or HEIF, as iPhones write it.
    Heic,
    /// JPEG XL.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// A vector drawing.
    Svg,
    /// TIFF, or a camera's raw format that is built like one.
    Tiff,
    /// A raw photo of a Canon camera.
    CanonRaw,
    /// A Windows icon.
    Icon,
    /// A Photoshop document.
    Photoshop,
}

impl PictureKind {
    /// What such a picture is called, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "a JPEG",
            Self::Png => "a PNG",
            Self::WebP => "a WebP picture",
            Self::Gif => "a GIF",
            Self::Bmp => "a BMP picture",
            Self::ArithmeticJpeg => "a rare kind of JPEG (with arithmetic coding)",
            Self::LosslessJpeg => "a rare kind of JPEG (lossless)",
            Self::DeepJpeg => "a rare kind of JPEG (not 8 bits a colour)",
            Self::RareJpeg => "a JPEG of a rare kind",
            Self::Avif => "an AVIF picture",
            Self::Heic => "a HEIC photo, as iPhones take them",
            Self::JpegXl => "a JPEG XL picture",
            Self::Jpeg2000 => "a JPEG 2000 picture",
            Self::Svg => "an SVG drawing",
            Self::Tiff => "a TIFF or a camera's raw photo",
            Self::CanonRaw => "a camera's raw photo",
            Self::Icon => "an icon",
            Self::Photoshop => "a Photoshop document",
        }
    }

    /// What to do with a picture of this kind if it cannot be read.
    pub fn advice(self) -> &'static str {
        match self {
            Self::ArithmeticJpeg | Self::LosslessJpeg | Self::DeepJpeg | Self::RareJpeg => {
                "save it as an ordinary JPEG or as PNG and open that"
            }
            Self::Svg | Self::Icon => "save it as PNG and open that",
            _ => "save it as JPEG and open that",
        }
    }
}

/// A kind of file that is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OtherFile {
    /// HTML.
    WebPage,
    /// Another XML document.
    Xml,
    /// JSON.
    Json,
    /// The few lines that Git LFS keeps in the place of a large file.
    LfsPointer,
    /// Another text.
    Text,
    /// PDF.
    Pdf,
    /// A zip archive, or an office document, which is one inside.
    Zip,
    /// A tar archive.
    Tar,
    /// Something compressed with gzip, most often an archive.
    Gzip,
    /// Another archive or compressed file.
    OtherArchive,
    /// A parquet file.
    Parquet,
    /// A film.
    Video,
    /// Sound.
    Sound,
    /// What macOS notes about a file, beside it.
    AppleDouble,
    /// An old office document or Windows' list of thumbnails.
    WindowsDocument,
}

impl OtherFile {
    /// What such a file is called, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebPage => "a web page",
            Self::Xml => "an XML document",
            Self::Json => "a JSON document",
            Self::LfsPointer => "a pointer of Git LFS",
            Self::Text => "a text",
            Self::Pdf => "a PDF document",
            Self::Zip => "a zip archive or an office document",
            Self::Tar => "a tar archive",
            Self::Gzip => "an archive (gzip)",
            Self::OtherArchive => "an archive",
            Self::Parquet => "a parquet file",
            Self::Video => "a film",
            Self::Sound => "a sound file",
            Self::AppleDouble => "a note of macOS about a file",
            Self::WindowsDocument => "an office document or a list of Windows",
        }
    }

    /// What to do instead of opening it as a picture.
    pub fn advice(self) -> &'static str {
        match self {
            Self::WebPage => {
                "its download gave a page in place of the picture. Save the picture itself and open that"
            }
            Self::LfsPointer => {
                "the picture itself is still to be fetched, with `git lfs pull`. Do so and open it again"
            }
            Self::Zip | Self::Tar | Self::Gzip | Self::OtherArchive => {
                "unpack it and open the pictures in it"
            }
            Self::Parquet => "open it by itself",
            Self::Video => "save single pictures of it as JPEG and open those",
            _ => "choose a JPEG, PNG, WebP, GIF or BMP picture",
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A picture.
    Picture(PictureKind),
    /// Something else.
    Other(OtherFile),
    /// Nobody knows.
    Unknown,
}

/// How many bytes of a text are looked at.
const TEXT_BYTES: usize = 1_000;

/// What a file holds, going by its first bytes.
///
/// ```
/// use resnette_images::decode::kind::{Content, OtherFile, PictureKind, sniff};
///
/// assert_eq!(sniff(b"GIF89a"), Content::Picture(PictureKind::Gif));
/// assert_eq!(sniff(b"<!doctype html>"), Content::Other(OtherFile::WebPage));
/// assert_eq!(sniff(&[7; 20]), Content::Unknown);
/// ```
pub fn sniff(bytes: &[u8]) -> Content {
    if let Some(kind) = picture(bytes) {
        return Content::Picture(kind);
    }
    match other(bytes).or_else(|| text(bytes)) {
        Some(content) => content,
        None => Content::Unknown,
    }
}

fn picture(bytes: &[u8]) -> Option<PictureKind> {
    let signatures: [(&[u8], PictureKind); 15] = [
        (b"\xff\xd8\xff", PictureKind::Jpeg),
        (b"\x89PNG\r\n\x1a\n", PictureKind::Png),
        (b"GIF87a", PictureKind::Gif),
        (b"GIF89a", PictureKind::Gif),
        (b"\0\0\0\x0cJXL \r\n\x87\n", PictureKind::JpegXl),
        (b"\xff\x0a", PictureKind::JpegXl),
        (b"\0\0\0\x0cjP  \r\n\x87\n", PictureKind::Jpeg2000),
        (b"\xff\x4f\xff\x51", PictureKind::Jpeg2000),
        (b"II*\0", PictureKind::Tiff),
        (b"MM\0*", PictureKind::Tiff),
        (b"IIRO", PictureKind::Tiff),
        (b"IIU\0", PictureKind::Tiff),
        (b"\0\0\x01\0", PictureKind::Icon),
        (b"\0\0\x02\0", PictureKind::Icon),
        (b"8BPS", PictureKind::Photoshop),
    ];
    if let Some((_, kind)) = signatures.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(*kind);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(PictureKind::WebP);
    }
    // The length of its second header tells a bitmap from a text that begins with "BM".
    if bytes.starts_with(b"BM")
        && matches!(bytes.get(14..18), Some([12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
    {
        return Some(PictureKind::Bmp);
    }
    match media_brand(bytes)? {
        Content::Picture(kind) => Some(kind),
        _ => None,
    }
}

/// What a file of boxes holds, as MP4, HEIC and AVIF are: the first box lists names for it.
fn media_brand(bytes: &[u8]) -> Option<Content> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let list = bytes.get(8..length.clamp(12, 200).min(bytes.len()))?;
    // The second four bytes are a version.
    let brands: Vec<&[u8]> = list
        .chunks_exact(4)
        .enumerate()
        .filter_map(|(at, brand)| (at != 1).then_some(brand))
        .collect();
    let names = |known: &[&[u8; 4]]| {
        brands.iter().any(|brand| known.iter().any(|known| known.as_slice() == *brand))
    };
    Some(if names(&[b"avif", b"avis"]) {
        Content::Picture(PictureKind::Avif)
    } else if names(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        Content::Picture(PictureKind::Heic)
    } else if names(&[b"crx "]) {
        Content::Picture(PictureKind::CanonRaw)
    } else if names(&[b"M4A "]) {
        Content::Other(OtherFile::Sound)
    } else {
        Content::Other(OtherFile::Video)
    })
}

fn other(bytes: &[u8]) -> Option<Content> {
    let signatures: [(&[u8], OtherFile); 16] = [
        (b"%PDF", OtherFile::Pdf),
        (b"PK\x03\x04", OtherFile::Zip),
        (b"PK\x05\x06", OtherFile::Zip),
        (b"\x1f\x8b", OtherFile::Gzip),
        (b"7z\xbc\xaf\x27\x1c", OtherFile::OtherArchive),
        (b"Rar!\x1a\x07", OtherFile::OtherArchive),
        (b"\xfd7zXZ\0", OtherFile::OtherArchive),
        (b"BZh", OtherFile::OtherArchive),
        (b"\x28\xb5\x2f\xfd", OtherFile::OtherArchive),
        (b"PAR1", OtherFile::Parquet),
        (b"\x1a\x45\xdf\xa3", OtherFile::Video),
        (b"OggS", OtherFile::Sound),
        (b"ID3", OtherFile::Sound),
        (b"fLaC", OtherFile::Sound),
        (b"\0\x05\x16\x07", OtherFile::AppleDouble),
        (b"\xd0\xcf\x11\xe0", OtherFile::WindowsDocument),
    ];
    if let Some((_, kind)) = signatures.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(Content::Other(*kind));
    }
    if bytes.starts_with(b"RIFF") {
        match bytes.get(8..12)? {
            b"AVI " => return Some(Content::Other(OtherFile::Video)),
            b"WAVE" => return Some(Content::Other(OtherFile::Sound)),
            _ => {}
        }
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Content::Other(OtherFile::Tar));
    }
    media_brand(bytes)
}

fn text(bytes: &[u8]) -> Option<Content> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = start.trim_ascii_start();
    let start = &start[..start.len().min(TEXT_BYTES)];
    let lower = start.to_ascii_lowercase();
    let holds = |word: &[u8]| lower.windows(word.len()).any(|window| window == word);
    if start.starts_with(b"<") {
        return Some(if lower.starts_with(b"<svg") {
            Content::Picture(PictureKind::Svg)
        } else if holds(b"<html") || lower.starts_with(b"<!doctype html") || holds(b"<head") {
            Content::Other(OtherFile::WebPage)
        } else if holds(b"<svg") {
            Content::Picture(PictureKind::Svg)
        } else {
            Content::Other(OtherFile::Xml)
        });
    }
    if start.starts_with(b"version https://git-lfs") {
        return Some(Content::Other(OtherFile::LfsPointer));
    }
    // The last character may be cut in half.
    let valid = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(start.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    if valid.len() < 2 || !valid.chars().all(printable) {
        return None;
    }
    let json = valid.starts_with(['{', '[']);
    Some(Content::Other(if json { OtherFile::Json } else { OtherFile::Text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_by_their_bytes() {
        let boxes = |brands: &[u8]| {
            [&(brands.len() as u32 + 8).to_be_bytes()[..], b"ftyp", brands, b"\0\0\0\x08free"]
                .concat()
        };
        for (bytes, kind) in [
            (boxes(b"heic\0\0\0\0mif1heic"), PictureKind::Heic),
            (boxes(b"mif1\0\0\0\0mif1miaf"), PictureKind::Heic),
            (boxes(b"mif1\0\0\0\0mif1avif"), PictureKind::Avif),
            (boxes(b"avif\0\0\0\0avifmif1"), PictureKind::Avif),
            (boxes(b"crx \0\0\0\x01isom"), PictureKind::CanonRaw),
            (b"\xff\x0a\x20".to_vec(), PictureKind::JpegXl),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><svg>".to_vec(), PictureKind::Svg),
            (b"  <SVG width='2'>".to_vec(), PictureKind::Svg),
            (b"II*\0\x08\0\0\0".to_vec(), PictureKind::Tiff),
        ] {
            assert_eq!(sniff(&bytes), Content::Picture(kind), "{:?}", bytes.escape_ascii());
        }
    }

    #[test]
    fn other_files_are_named() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar");
        for (bytes, kind) in [
            (&b"\n<!DOCTYPE HTML><svg>"[..], OtherFile::WebPage),
            (b"<?xml version='1.0'?><html>", OtherFile::WebPage),
            (b"<annotation><object>", OtherFile::Xml),
            (b"{\"error\": 404}", OtherFile::Json),
            (b"version https://git-lfs.github.com/spec/v1\noid", OtherFile::LfsPointer),
            (b"BMW is a car, and BM no bitmap", OtherFile::Text),
            ("Grüße".as_bytes(), OtherFile::Text),
            (b"%PDF-1.7", OtherFile::Pdf),
            (b"PK\x03\x04\x14", OtherFile::Zip),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", OtherFile::Video),
            (b"\0\x05\x16\x07\0\x02", OtherFile::AppleDouble),
            (&tar, OtherFile::Tar),
        ] {
            assert_eq!(sniff(bytes), Content::Other(kind), "{:?}", bytes.escape_ascii());
        }
        for bytes in [&b""[..], b"\0", &[7; 40], b"RIFF\0\0\0\0", b"\0\0\0\x08ftyp", b"BM"] {
            assert!(!matches!(sniff(bytes), Content::Picture(_)), "{:?}", bytes.escape_ascii());
        }
    }
}
