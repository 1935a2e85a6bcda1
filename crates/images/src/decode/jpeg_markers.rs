//! The markers of a JPEG: what its headers say, and where each scan's data lie.
//!
//! Nothing is decoded here. Marker codes and segments are those of ITU-T T.81, annex B.

/// Start of scan.
pub(super) const SOS: u8 = 0xda;
/// Huffman tables.
pub(super) const DHT: u8 = 0xc4;
/// Restart interval.
pub(super) const DRI: u8 = 0xdd;
const EOI: u8 = 0xd9;
const APP1: u8 = 0xe1;
const EXIF: &[u8] = b"Exif\0\0";

/// One component of a frame: a colour or the brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// The number by which scans name it.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub across: u8,
    /// Vertical sampling factor, 1 to 4.
    pub down: u8,
}

/// A frame header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its marker, 0xc0 to 0xcf, which tells the coding process.
    pub marker: u8,
    /// Bits a sample.
    pub precision: u8,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels; 0 if it is given at the end of the first scan.
    pub height: u16,
    /// The components; never more than 255.
    pub components: Vec<Component>,
}

impl Frame {
    /// Whether the coding process is progressive.
    pub fn is_progressive(&self) -> bool {
        self.marker == 0xc2
    }

    fn parse(marker: u8, body: &[u8]) -> Option<Self> {
        let [precision, h0, h1, w0, w1, count, ..] = *body else { return None };
        let components = body
            .get(6..)?
            .chunks_exact(3)
            .take(count.into())
            .map(|entry| Component { id: entry[0], across: entry[1] >> 4, down: entry[1] & 15 })
            .collect::<Vec<_>>();
        (components.len() == usize::from(count)).then_some(Self {
            marker,
            precision,
            width: u16::from_be_bytes([w0, w1]),
            height: u16::from_be_bytes([h0, h1]),
            components,
        })
    }
}

/// A marker with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// The byte after 0xff.
    pub marker: u8,
    /// What the segment holds after its length.
    pub body: &'a [u8],
    /// After the header of a scan: its entropy-coded data with the restart markers in them.
    pub data: &'a [u8],
}

/// The segments of a JPEG from the first to the end of the picture or of the bytes.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the marker that ends a picture was there.
    pub ended: bool,
}

impl Segment<'_> {
    fn is_frame(&self) -> bool {
        matches!(self.marker, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf)
    }

    /// The frame header that it is; `None` if it is something else, or damaged.
    fn frame(&self) -> Option<Frame> {
        self.is_frame().then(|| Frame::parse(self.marker, self.body)).flatten()
    }
}

/// The first frame header, without going through the data behind it.
pub(super) fn first_frame(bytes: &[u8]) -> Option<Frame> {
    Segments::new(bytes).find_map(|segment| segment.frame())
}

impl<'a> Segments<'a> {
    /// Begins after the two bytes that every JPEG begins with.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2, ended: false }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        while !self.ended {
            let start = next_marker(self.bytes, self.at)?;
            let marker = *self.bytes.get(start + 1)?;
            match marker {
                EOI => self.ended = true,
                // These have no length: restarts, a second beginning, a reserved one.
                0x01 | 0xd0..=0xd8 => self.at = start + 2,
                _ => {
                    let length = self.bytes.get(start + 2..start + 4)?;
                    let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
                    let end = start + 2 + length;
                    // What is cut off in a header is left out with the header.
                    let body = self.bytes.get(start + 4..end)?;
                    self.at = end;
                    let mut data: &[u8] = &[];
                    if marker == SOS {
                        self.at = end_of_data(self.bytes, end);
                        data = self.bytes.get(end..self.at)?;
                    }
                    return Some(Segment { marker, body, data });
                }
            }
        }
        None
    }
}

/// The position of the next 0xff that a marker follows.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        match bytes.get(at + 1)? {
            // Zero belongs to data, and 0xff fills.
            0 | 0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// Where a scan's data end: at the next marker that is no restart, or with the bytes.
fn end_of_data(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = next_marker(bytes, at) {
        if !matches!(bytes.get(found + 1), Some(0xd0..=0xd7)) {
            return found;
        }
        at = found + 2;
    }
    bytes.len()
}

/// What the headers of a JPEG say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Headers<'a> {
    /// The first frame header; `None` if the bytes end before it.
    pub frame: Option<Frame>,
    /// The first Exif segment, without the word "Exif". If there are several, browsers take the
    /// first as well.
    pub exif: Option<&'a [u8]>,
    /// How many components the first scan has; 0 without a scan.
    pub first_scan: u8,
    /// The number of scans.
    pub scans: usize,
    /// Whether the marker that ends a picture is there.
    pub ended: bool,
    /// Where the last segment ends that is there as a whole.
    pub whole_until: usize,
}

/// Reads the headers of a JPEG.
pub(super) fn headers(bytes: &[u8]) -> Headers<'_> {
    let mut found = Headers::default();
    let mut segments = Segments::new(bytes);
    for segment in &mut segments {
        match segment.marker {
            _ if found.frame.is_none() && segment.is_frame() => found.frame = segment.frame(),
            APP1 if found.exif.is_none() => found.exif = segment.body.strip_prefix(EXIF),
            SOS => {
                if found.scans == 0 {
                    found.first_scan = segment.body.first().copied().unwrap_or(0);
                }
                found.scans += 1;
            }
            _ => {}
        }
    }
    found.ended = segments.ended;
    found.whole_until = segments.at.min(bytes.len());
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers_are_read_and_data_are_passed_over() {
        let bytes = [
            &b"\xff\xd8\xff\xe1\0\x0bExif\0\0one\xff\xe1\0\x0bExif\0\0two"[..],
            b"\xff\xff\xff\xc0\0\x0b\x08\0\x05\0\x07\x01\x09\x21\0",
            b"\xff\xda\0\x08\x01\x09\0\0\x3f\0ab\xff\0c\xff\xd0de\xff\xd9rest\xff\xda\0\x02",
        ]
        .concat();
        let headers = headers(&bytes);
        let frame = headers.frame.unwrap();
        assert_eq!((frame.width, frame.height, frame.precision), (7, 5, 8));
        assert_eq!(frame.components, [Component { id: 9, across: 2, down: 1 }]);
        assert_eq!(headers.exif, Some(&b"one"[..]));
        assert_eq!((headers.first_scan, headers.scans, headers.ended), (1, 1, true));
        let scan = Segments::new(&bytes).find(|segment| segment.marker == SOS).unwrap();
        assert_eq!(scan.data, b"ab\xff\0c\xff\xd0de");
        // Wherever the bytes end, there is no end of the picture.
        for end in 2..bytes.len() - 10 {
            assert!(!super::headers(&bytes[..end]).ended, "{end}");
        }
    }
}
