//! The span of a run that its charts show.

/// The shortest span, as a share of the whole. A narrower one shows nothing new.
const SHORTEST: f64 = 0.005;

/// A span of the lower edge, in the units of its axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Where the span begins.
    pub from: f64,
    /// Where the span ends.
    pub to: f64,
}

impl Span {
    /// The part of this span between two shares of it, given in either order; `None` if it is too
    /// short to have been meant.
    pub fn between(self, a: f64, b: f64) -> Option<Self> {
        const CLICK: f64 = 0.02;
        let (low, high) = (a.min(b).clamp(0.0, 1.0), a.max(b).clamp(0.0, 1.0));
        (high - low >= CLICK).then(|| Self {
            from: self.from + low * self.length(),
            to: self.from + high * self.length(),
        })
    }

    /// The middle half of this span, within `whole`.
    pub fn inward(self, whole: Self) -> Self {
        self.scaled(0.5, whole)
    }

    /// A span twice as long around the same middle, within `whole`.
    pub fn outward(self, whole: Self) -> Self {
        self.scaled(2.0, whole)
    }

    /// The span moved by half its length, earlier (`-1.0`) or later (`1.0`), within `whole`.
    pub fn moved(self, way: f64, whole: Self) -> Self {
        let step = way * self.length() / 2.0;
        Self { from: self.from + step, to: self.to + step }.within(whole)
    }

    fn length(self) -> f64 {
        self.to - self.from
    }

    fn scaled(self, factor: f64, whole: Self) -> Self {
        let half = (self.length() * factor).max(whole.length() * SHORTEST) / 2.0;
        let middle = (self.from + self.to) / 2.0;
        Self { from: middle - half, to: middle + half }.within(whole)
    }

    /// This span pushed into `whole`. It is cut only if it is longer.
    fn within(self, whole: Self) -> Self {
        if self.length() >= whole.length() {
            return whole;
        }
        let push = (whole.from - self.from).max(0.0) + (whole.to - self.to).min(0.0);
        Self { from: self.from + push, to: self.to + push }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Span = Span { from: 0.0, to: 20.0 };

    #[test]
    fn a_brush_chooses_either_way_and_a_click_nothing() {
        assert_eq!(WHOLE.between(0.75, 0.25), Some(Span { from: 5.0, to: 15.0 }));
        assert_eq!(WHOLE.between(0.5, 2.0), Some(Span { from: 10.0, to: 20.0 }));
        assert_eq!(WHOLE.between(0.5, 0.51), None);
    }

    #[test]
    fn in_and_out_end_at_the_whole_and_at_the_shortest() {
        let half = WHOLE.inward(WHOLE);
        assert_eq!(half, Span { from: 5.0, to: 15.0 });
        assert_eq!(half.outward(WHOLE), WHOLE);
        let end = Span { from: 18.0, to: 20.0 };
        assert_eq!(end.outward(WHOLE), Span { from: 16.0, to: 20.0 });
        let shortest = (0..30).fold(WHOLE, |span, _| span.inward(WHOLE));
        assert!((shortest.length() - 0.1).abs() < 1e-9, "{shortest:?}");
    }

    #[test]
    fn moving_stops_at_the_ends() {
        let span = Span { from: 4.0, to: 8.0 };
        assert_eq!(span.moved(1.0, WHOLE), Span { from: 6.0, to: 10.0 });
        let first = (0..9).fold(span, |span, _| span.moved(-1.0, WHOLE));
        assert_eq!(first, Span { from: 0.0, to: 4.0 });
    }
}
