//! Convolution as a matrix product whose right side is gathered on the way: the forward pass and
//! the gradient of the input.
//!
//! No column matrix is ever written. A unit holds `rows` channels of a tile of pixels in registers:
//! `pixels` of them one below another, in one column (in `stride` neighbouring ones for the
//! gradient of the input). Neighbouring units hold neighbouring columns, so that they
//! fetch neighbouring numbers. A fetched number meets every channel and every tap of its column
//! that sees it; a weight meets every pixel. Units side by side want the same weight at the same
//! time: it is read where it lies, which costs one fetch for all of them, no workgroup memory and
//! no waiting for one another.

use cubecl::prelude::*;

/// Four numbers side by side.
pub(crate) type Four = Vector<f32, Const<4>>;

/// Where a gathering product reads and writes. Sides are pixels.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct Geometry {
    /// Channels that come out.
    pub rows: usize,
    /// Channels that go in.
    pub inner: usize,
    /// Pictures.
    pub pictures: usize,
    /// Height of what is read.
    pub source_h: usize,
    /// Width of what is read.
    pub source_w: usize,
    /// Height of what is written.
    pub target_h: usize,
    /// Width of what is written.
    pub target_w: usize,
}

/// What is known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride of the convolution.
    pub stride: usize,
    /// Pixels of zeros around the convolution's input.
    pub pad: usize,
    /// Whether this is the gradient of the input: the source is the gradient of the output, and
    /// filters are read backwards.
    pub transposed: bool,
    /// Channels a unit computes, a multiple of 4.
    pub rows: usize,
    /// Pixels a unit computes, one below another; a multiple of `stride` for a gradient.
    pub pixels: usize,
}

impl Shape {
    /// Neighbouring columns of pixels in a unit's tile. A gradient's pixels see other taps in each
    /// of `stride` phases; a tile has all phases, so that no unit multiplies by zero.
    pub fn columns(self) -> usize {
        if self.transposed { self.stride } else { 1 }
    }

    /// Where in the source, along one axis, pixel `own` of a tile meets `tap`, counted from the
    /// first place that a tile sees.
    fn meets(self, own: usize, tap: usize) -> Option<usize> {
        if !self.transposed {
            return Some(own * self.stride + tap);
        }
        let ahead = (own + self.pad + self.behind() * self.stride).checked_sub(tap)?;
        ahead.is_multiple_of(self.stride).then_some(ahead / self.stride)
    }

    /// How far before the tile's own place in the source it begins to read.
    fn behind(self) -> usize {
        if self.transposed { (self.ks - 1 - self.pad) / self.stride } else { self.pad }
    }

    /// Places in the source, along one axis, that so many neighbouring pixels see.
    fn reach(self, own: usize) -> usize {
        if self.transposed {
            (own - 1 + self.pad) / self.stride + self.behind() + 1
        } else {
            (own - 1) * self.stride + self.ks
        }
    }

    /// Whether any column of a tile meets `tap` at `place`.
    fn needs(self, tap: usize, place: usize) -> bool {
        (0..self.columns()).any(|column| self.meets(column, tap) == Some(place))
    }
}

/// `target[n, row, y, x] = Σ weight[row, c, tap] · source[n, c, y', x']`.
///
/// Units share out the tiles, and then blocks of channels that come out: a small picture leaves no
/// unit idle.
#[cube(launch_unchecked)]
pub(crate) fn gather_product(
    weight: &[f32],
    source: &[f32],
    target: &mut [f32],
    geometry: &Geometry,
    #[comptime] shape: Shape,
) {
    let groups = comptime!(shape.rows / 4);
    let own = comptime!(shape.pixels);
    let columns = comptime!(shape.columns());
    let ks = comptime!(shape.ks);
    let high = comptime!(shape.reach(shape.pixels));
    let wide = comptime!(shape.reach(shape.columns()));
    let behind = comptime!(shape.behind() as i32);

    let source_h = geometry.source_h as i32;
    let source_w = geometry.source_w as i32;
    let plane = geometry.source_h * geometry.source_w;
    let target_plane = geometry.target_h * geometry.target_w;
    let lanes = (geometry.target_w + comptime!(shape.columns() - 1)) / columns;
    let strips = (geometry.target_h + comptime!(shape.pixels - 1)) / own;
    let tile = ABSOLUTE_POS % (lanes * strips * geometry.pictures);
    let x = tile % lanes * columns;
    let y = tile / lanes % strips * own;
    let picture = tile / (lanes * strips);
    let first_row = ABSOLUTE_POS / (lanes * strips * geometry.pictures) * comptime!(shape.rows);

    // What the tile sees of a channel: lines and columns of the source, and whether they are in it.
    // Sequences, not arrays: what has a place of its own is kept in a register by every driver.
    let start = picture * geometry.inner * plane;
    let top = if comptime!(shape.transposed) {
        y / comptime!(shape.stride)
    } else {
        y * comptime!(shape.stride)
    } as i32
        - behind;
    let left = if comptime!(shape.transposed) {
        x / comptime!(shape.stride)
    } else {
        x * comptime!(shape.stride)
    } as i32
        - behind;
    let mut line = Sequence::<usize>::new();
    let mut line_there = Sequence::<bool>::new();
    #[unroll]
    for j in 0..high {
        let at = top + comptime!(j as i32);
        let inside = at >= 0 && at < source_h;
        line_there.push(inside);
        let near = select(inside, at, select(at < 0, 0i32, source_h - 1));
        line.push(start + near as usize * geometry.source_w);
    }
    // A column outside is not pulled in, for neighbouring units should fetch neighbouring numbers;
    // what is fetched there is another line's and counts as zero. Only where it would lie
    // outside of the source altogether is it pulled in.
    let first = start < wide;
    let last = start + geometry.inner * plane + wide > geometry.pictures * geometry.inner * plane;
    let mut column = Sequence::<i32>::new();
    let mut column_there = Sequence::<bool>::new();
    #[unroll]
    for i in 0..wide {
        let at = left + comptime!(i as i32);
        column_there.push(at >= 0 && at < source_w);
        let near = select(at < 0 && first, 0i32, at);
        column.push(select(at >= source_w && last, source_w - 1, near));
    }
    // The filters of this unit's rows; one past the end reads the last and writes nothing.
    let taps = comptime!(shape.ks * shape.ks);
    let row_step = if comptime!(shape.transposed) { taps.runtime() } else { geometry.inner * taps };
    let channel_step =
        if comptime!(shape.transposed) { geometry.rows * taps } else { taps.runtime() };
    let mut filter = Sequence::<usize>::new();
    #[unroll]
    for r in 0..comptime!(shape.rows) {
        let row = first_row + r;
        filter.push(select(row < geometry.rows, row, geometry.rows - 1) * row_step);
    }

    let mut sums = Sequence::<RuntimeCell<Four>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.pixels * shape.columns() * shape.rows / 4) {
        sums.push(RuntimeCell::<Four>::new(Four::new(0.0f32)));
    }
    for channel in 0..geometry.inner {
        let here = channel * plane;
        let mut weights = Sequence::<usize>::new();
        #[unroll]
        for r in 0..comptime!(shape.rows) {
            weights.push(filter[r] + channel * channel_step);
        }
        let mut lines = Sequence::<i32>::new();
        #[unroll]
        for j in 0..high {
            lines.push((line[j] + here) as i32);
        }
        #[unroll]
        for i in 0..wide {
            let mut seen = Sequence::<Four>::new();
            #[unroll]
            for j in 0..high {
                let value = source[(lines[j] + column[i]) as usize];
                seen.push(Four::new(select(line_there[j] && column_there[i], value, 0.0f32)));
            }
            #[unroll]
            for tap_x in 0..ks {
                if comptime!(shape.needs(tap_x, i)) {
                    #[unroll]
                    for tap_y in 0..ks {
                        #[unroll]
                        for g in 0..groups {
                            let tap = comptime!(tap_y * ks + tap_x);
                            let mut four = Four::new(0.0f32);
                            #[unroll]
                            for r in 0..4usize {
                                four.insert(r, weight[weights[comptime!(g * 4 + r)] + tap]);
                            }
                            #[unroll]
                            for q in 0..columns {
                                if comptime!(shape.meets(q, tap_x) == Some(i)) {
                                    #[unroll]
                                    for p in 0..own {
                                        if comptime!(shape.meets(p, tap_y).is_some()) {
                                            let sum = &sums[comptime!((q * own + p) * groups + g)];
                                            sum.store(
                                                sum.read()
                                                    + four
                                                        * seen[comptime!(
                                                            shape.meets(p, tap_y).unwrap_or(0)
                                                        )],
                                            );
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    #[unroll]
    for q in 0..columns {
        #[unroll]
        for p in 0..own {
            if y + p < geometry.target_h && x + q < geometry.target_w {
                let written = (picture * geometry.rows + first_row) * target_plane
                    + (y + p) * geometry.target_w
                    + x
                    + q;
                #[unroll]
                for r in 0..comptime!(shape.rows) {
                    if first_row + r < geometry.rows {
                        let sum = sums[comptime!((q * own + p) * groups + r / 4)].read();
                        target[written + r * target_plane] = sum.extract(comptime!(r % 4));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pixel meets, at the places that [`Shape`] tells, exactly the numbers that a
    /// convolution or its transpose has it meet.
    #[test]
    fn tiles_see_what_a_convolution_sees() {
        for (ks, stride) in [(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (5, 2), (7, 2), (3, 3)] {
            let pad = (ks - 1) / 2;
            for transposed in [false, true] {
                let shape = Shape { ks, stride, pad, transposed, rows: 4, pixels: 2 * stride };
                // The tile at target pixel `stride · 5` reads from this place of the source on.
                let target = 5 * stride;
                let begin = if transposed { target / stride } else { target * stride } as i64
                    - shape.behind() as i64;
                for own in 0..shape.pixels {
                    for tap in 0..ks {
                        let [pixel, tap_at, pad_by, step] =
                            [target + own, tap, pad, stride].map(|number| number as i64);
                        let wanted = if transposed {
                            let ahead = pixel + pad_by - tap_at;
                            (ahead % step == 0).then_some(ahead / step)
                        } else {
                            Some(pixel * step - pad_by + tap_at)
                        };
                        assert_eq!(
                            shape.meets(own, tap).map(|place| begin + place as i64),
                            wanted,
                            "{shape:?} {own} {tap}"
                        );
                        assert!(
                            shape
                                .meets(own, tap)
                                .is_none_or(|place| place < shape.reach(shape.pixels))
                        );
                    }
                }
            }
        }
    }
}
