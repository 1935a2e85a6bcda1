//! Whether all of a JPEG's data are there, found by reading them without making a picture of them.
//!
//! A JPEG that is cut off is most often decoded without an error, its rest grey, and a whole one
//! may lack the marker at its end. So the blocks are counted. Procedures are those of ITU-T T.81,
//! annexes F and G.

use crate::decode::error::Missing;
use crate::decode::jpeg_markers::{DHT, DRI, Frame, SOS, Segment, Segments};

/// Whether a JPEG's blocks are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    /// All of them. Also if the headers make no sense, which the decoder tells better.
    All,
    /// The data end too early.
    CutOff(Missing),
    /// There are data that no encoder writes.
    Damaged,
}

/// Looks for the blocks of a JPEG with Huffman coding.
pub(super) fn find_blocks(bytes: &[u8], frame: &Frame) -> Blocks {
    read_scans(bytes, frame).unwrap_or(Blocks::All)
}

/// Reads all scans; `None` if a header makes no sense.
fn read_scans(bytes: &[u8], frame: &Frame) -> Option<Blocks> {
    let mut reading = Reading::new(frame)?;
    let mut segments = Segments::new(bytes);
    for segment in &mut segments {
        match segment.marker {
            DHT => reading.tables(segment.body),
            DRI => {
                let interval = segment.body.get(..2)?;
                reading.interval = usize::from(u16::from_be_bytes([interval[0], interval[1]]));
            }
            SOS => reading.scan(segment)?,
            _ => {}
        }
    }
    Some(reading.result(segments.ended))
}

/// A table of codes, by length.
#[derive(Clone)]
struct HuffmanTable {
    /// For each of the next eight bits the code's length and its value; length 0 for a longer one.
    short: Vec<(u8, u8)>,
    /// For each length the first code, the number of codes, and where their values begin.
    lengths: [(u32, u32, usize); 17],
    values: Vec<u8>,
}

impl HuffmanTable {
    fn new(counts: &[u8], values: &[u8]) -> Self {
        let mut lengths = [(0, 0, 0); 17];
        let mut short = vec![(0, 0); 256];
        let (mut code, mut first) = (0_u32, 0);
        for (length, &count) in (1..).zip(counts) {
            code <<= 1;
            lengths[length] = (code, u32::from(count), first);
            for at in 0..u32::from(count) {
                let value = values.get(first + at as usize);
                if let (1..=8, Some(&value)) = (length, value) {
                    let from = ((code + at) << (8 - length)) as usize;
                    let codes = short.get_mut(from..from + (1 << (8 - length)));
                    codes.into_iter().for_each(|codes| codes.fill((length as u8, value)));
                }
            }
            code += u32::from(count);
            first += usize::from(count);
        }
        Self { short, lengths, values: values.to_vec() }
    }
}

/// The bits of one stretch of data, up to a restart marker or the end of the scan.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    bits: u32,
    count: u32,
}

impl Bits<'_> {
    /// Fills up to 25 bits or more, as far as there are any.
    fn fill(&mut self) {
        while self.count <= 24 {
            let Some(&byte) = self.data.get(self.at) else { return };
            // A zero follows 0xff in data.
            self.at += if byte == 0xff { 2 } else { 1 };
            self.bits |= u32::from(byte) << (24 - self.count);
            self.count += 8;
        }
    }

    /// The next bits as a number; `None` if they are not all there.
    fn take(&mut self, count: u32) -> Option<u32> {
        if count == 0 {
            return Some(0);
        }
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count)?;
        let value = self.bits >> (32 - count);
        self.bits <<= count;
        Some(value)
    }

    /// The next symbol; `None` if the data end before it does or if no code begins so.
    fn symbol(&mut self, table: &HuffmanTable) -> Option<u8> {
        if self.count < 16 {
            self.fill();
        }
        let (length, value) = *table.short.get((self.bits >> 24) as usize)?;
        if length > 0 {
            self.take(length.into())?;
            return Some(value);
        }
        for length in 9..=16_u32 {
            let (first, count, values) = table.lengths[length as usize];
            let code = (self.bits >> (32 - length)).wrapping_sub(first);
            if code < count {
                self.take(length)?;
                return table.values.get(values + code as usize).copied();
            }
        }
        None
    }
}

/// What is known of a component.
struct Plane {
    id: u8,
    across: usize,
    down: usize,
    /// Blocks a row and a column, as scans of this component alone have them.
    size: (usize, usize),
    /// Blocks a row in whole MCUs.
    stride: usize,
    /// Progressive: a bit for each coefficient of each block that is not zero.
    nonzero: Vec<u64>,
    /// Blocks whose first coefficient was read.
    blocks: usize,
    /// Bit `k` is set when coefficient `k` has been read to its last bit.
    complete: u64,
}

/// What a scan's header says.
#[derive(Clone, Copy)]
struct Band {
    start: u32,
    end: u32,
    /// Whether this scan adds a bit to what others read.
    refines: bool,
}

/// The state of reading.
struct Reading {
    planes: Vec<Plane>,
    /// MCUs a row and a column, in scans of several components.
    mcus: (usize, usize),
    progressive: bool,
    dc: [Option<HuffmanTable>; 4],
    ac: [Option<HuffmanTable>; 4],
    interval: usize,
    /// Whether the last scan lacked data.
    short: bool,
    /// Whether data were found that no encoder writes.
    damaged: bool,
}

impl Reading {
    fn new(frame: &Frame) -> Option<Self> {
        let valid = |factor: u8| (1..=4).contains(&factor);
        if !frame.components.iter().all(|c| valid(c.across) && valid(c.down)) {
            return None;
        }
        let across = usize::from(frame.components.iter().map(|c| c.across).max()?);
        let down = usize::from(frame.components.iter().map(|c| c.down).max()?);
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        let mcus = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        let planes = frame.components.iter().map(|component| {
            let (h, v) = (usize::from(component.across), usize::from(component.down));
            let stride = mcus.0 * h;
            let blocks = if frame.is_progressive() { stride * mcus.1 * v } else { 0 };
            Plane {
                id: component.id,
                across: h,
                down: v,
                size: ((width * h).div_ceil(8 * across), (height * v).div_ceil(8 * down)),
                stride,
                nonzero: vec![0; blocks],
                blocks: 0,
                complete: 0,
            }
        });
        Some(Self {
            planes: planes.collect(),
            mcus,
            progressive: frame.is_progressive(),
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            interval: 0,
            short: false,
            damaged: false,
        })
    }

    /// Takes over the tables of a segment.
    fn tables(&mut self, mut body: &[u8]) {
        while let Some((&head, rest)) = body.split_first() {
            let Some((counts, rest)) = rest.split_at_checked(16) else { return };
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let Some((values, rest)) = rest.split_at_checked(total) else { return };
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            if let Some(table) = tables.get_mut(usize::from(head & 15)) {
                *table = Some(HuffmanTable::new(counts, values));
            }
            body = rest;
        }
    }

    /// Reads a scan; `None` if its header makes no sense.
    fn scan(&mut self, scan: Segment) -> Option<()> {
        let count = usize::from(*scan.body.first()?);
        let names = scan.body.get(1..1 + count * 2)?;
        let [start, end, bits] = *scan.body.get(1 + count * 2..4 + count * 2)? else { return None };
        let mut components = Vec::with_capacity(count);
        for name in names.chunks_exact(2) {
            let plane = self.planes.iter().position(|plane| plane.id == name[0])?;
            components.push((plane, usize::from(name[1] >> 4), usize::from(name[1] & 15)));
        }
        let (high, low) = (bits >> 4, bits & 15);
        let band = if self.progressive {
            Band { start: start.min(63).into(), end: end.min(63).into(), refines: high > 0 }
        } else {
            Band { start: 0, end: 63, refines: false }
        };
        if band.end < band.start {
            return None;
        }
        let is_complete = low == 0 || !self.progressive;
        let coefficients = (u64::MAX >> (63 - band.end)) & (u64::MAX << band.start);
        for &(plane, dc, ac) in &components {
            if is_complete {
                self.planes.get_mut(plane)?.complete |= coefficients;
            }
            // Without its tables a scan cannot be read here; some films' pictures have none.
            let (needs_dc, needs_ac) = (band.start == 0 && !band.refines, band.end > 0);
            if (needs_dc && self.dc.get(dc)?.is_none()) || (needs_ac && self.ac.get(ac)?.is_none())
            {
                return None;
            }
        }
        let units = match components[..] {
            [] => return None,
            [(plane, ..)] => self.planes.get(plane)?.size,
            _ => self.mcus,
        };
        let total = units.0 * units.1;
        let step = if self.interval == 0 { total.max(1) } else { self.interval };
        let mut done = 0;
        let mut stretches = stretches(scan.data).peekable();
        while let Some(data) = stretches.next() {
            let upto = (done + step).min(total);
            let mut bits = Bits { data, at: 0, bits: 0, count: 0 };
            let mut run = 0;
            while done < upto {
                let unit = (done % units.0, done / units.0);
                if self.unit(&components, unit, band, &mut bits, &mut run).is_none() {
                    self.damaged |= bits.at < data.len();
                    break;
                }
                done += 1;
            }
            // Restarts are made to survive a loss in the middle.
            if stretches.peek().is_some() && done < upto {
                self.skip(&components, band, upto - done);
                done = upto;
            }
        }
        self.short = done < total;
        Some(())
    }

    /// Counts the blocks of MCUs that were lost in the middle.
    fn skip(&mut self, components: &[(usize, usize, usize)], band: Band, units: usize) {
        for &(at, ..) in components {
            let alone = components.len() == 1;
            if let Some(plane) = self.planes.get_mut(at)
                && band.start == 0
                && !band.refines
            {
                plane.blocks += units * if alone { 1 } else { plane.across * plane.down };
            }
        }
    }

    /// Reads the blocks of one MCU; `None` if the data end in it.
    fn unit(
        &mut self,
        components: &[(usize, usize, usize)],
        (x, y): (usize, usize),
        band: Band,
        bits: &mut Bits,
        run: &mut u32,
    ) -> Option<()> {
        for &(at, dc, ac) in components {
            let plane = self.planes.get_mut(at)?;
            let alone = components.len() == 1;
            let (across, down) = if alone { (1, 1) } else { (plane.across, plane.down) };
            for block in 0..across * down {
                let place =
                    (y * down + block / across) * plane.stride + x * across + block % across;
                let mut none = 0;
                let nonzero = plane.nonzero.get_mut(place).unwrap_or(&mut none);
                if band.start == 0 {
                    if band.refines {
                        bits.take(1)?;
                    } else {
                        let size = bits.symbol(self.dc.get(dc)?.as_ref()?)?;
                        bits.take(size.min(16).into())?;
                        plane.blocks += 1;
                    }
                }
                if band.end > 0 {
                    let table = self.ac.get(ac)?.as_ref()?;
                    if band.refines {
                        refine(bits, table, band, nonzero, run)?;
                    } else {
                        details(bits, table, band, nonzero, run, self.progressive)?;
                    }
                }
            }
        }
        Some(())
    }

    /// What was found once all scans are read.
    fn result(&self, ended: bool) -> Blocks {
        if self.damaged {
            return Blocks::Damaged;
        }
        let wanted: usize = self.planes.iter().map(|plane| plane.size.0 * plane.size.1).sum();
        let blocks = |plane: &Plane| plane.blocks.min(plane.size.0 * plane.size.1);
        let seen: usize = self.planes.iter().map(blocks).sum();
        if seen < wanted {
            return Blocks::CutOff(Missing::AllAfter((seen * 100 / wanted.max(1)) as u8));
        }
        let finished = self.planes.iter().all(|plane| plane.complete == u64::MAX);
        if self.short || (!ended && !finished) {
            Blocks::CutOff(Missing::Details)
        } else {
            Blocks::All
        }
    }
}

/// The stretches of a scan's data between its restart markers.
fn stretches(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let data = rest?;
        let restart =
            data.windows(2).position(|pair| pair[0] == 0xff && matches!(pair[1], 0xd0..=0xd7));
        match restart {
            Some(at) => {
                rest = data.get(at + 2..);
                data.get(..at)
            }
            None => rest.take(),
        }
    })
}

/// Reads a block's coefficients after the first.
fn details(
    bits: &mut Bits,
    table: &HuffmanTable,
    band: Band,
    nonzero: &mut u64,
    run: &mut u32,
    progressive: bool,
) -> Option<()> {
    if *run > 0 {
        *run -= 1;
        return Some(());
    }
    let mut at = band.start.max(1);
    while at <= band.end {
        let symbol = bits.symbol(table)?;
        let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if zeros == 15 {
                at += 16;
                continue;
            }
            // The end of this block, and in a progressive scan of some after it.
            if progressive {
                *run = (1 << zeros) - 1 + bits.take(zeros)?;
            }
            return Some(());
        }
        at += zeros;
        bits.take(size)?;
        *nonzero |= 1 << (at & 63);
        at += 1;
    }
    Some(())
}

/// Reads one more bit of a block's coefficients after the first.
fn refine(
    bits: &mut Bits,
    table: &HuffmanTable,
    band: Band,
    nonzero: &mut u64,
    run: &mut u32,
) -> Option<()> {
    let mut at = band.start.max(1);
    if *run == 0 {
        while at <= band.end {
            let symbol = bits.symbol(table)?;
            let (mut zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && zeros < 15 {
                *run = (1 << zeros) + bits.take(zeros)?;
                break;
            }
            // The sign of a coefficient that becomes one now.
            bits.take(u32::from(size > 0))?;
            while at <= band.end {
                if *nonzero >> at & 1 == 1 {
                    bits.take(1)?;
                } else if zeros == 0 {
                    if size > 0 {
                        *nonzero |= 1 << at;
                    }
                    at += 1;
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
        }
    }
    if *run > 0 {
        let rest = if at > 63 { 0 } else { (u64::MAX << at) & (u64::MAX >> (63 - band.end)) };
        for _ in 0..(*nonzero & rest).count_ones() {
            bits.take(1)?;
        }
        *run -= 1;
    }
    Some(())
}
