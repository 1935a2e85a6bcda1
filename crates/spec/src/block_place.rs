//! Where a block is in a network, as settings and messages name it.

use std::fmt;

/// The most stages of a network that the settings describe.
const MAX_STAGE: u32 = 6;
/// The most blocks of a stage.
const MAX_BLOCK: u32 = 64;

/// A block of a network by its stage and its number in the stage, both counted from 1: `2.1`.
///
/// ```
/// use resnette_spec::BlockPlace;
///
/// let place = BlockPlace::read("2.1");
/// assert_eq!(place, Some(BlockPlace { stage: 2, block: 1 }));
/// assert_eq!(place.map(BlockPlace::indices), Some((1, 0)));
/// assert_eq!(BlockPlace::read("0.1"), None);
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct BlockPlace {
    /// The stage, from 1 to 6.
    pub stage: u32,
    /// The block within the stage, from 1 to 64.
    pub block: u32,
}

impl BlockPlace {
    /// Reads `stage.block`; `None` if the text is something else, or beyond what a network can
    /// have.
    pub fn read(text: &str) -> Option<Self> {
        let (stage, block) = text.split_once('.')?;
        let number = |text: &str, max: u32| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|number| digits && (1..=max).contains(number))
        };
        Some(Self { stage: number(stage, MAX_STAGE)?, block: number(block, MAX_BLOCK)? })
    }

    /// Reads places with commas between them, at most `max_len`; an empty text is an empty list.
    /// They come out in the network's order, each once.
    pub fn read_list(text: &str, max_len: usize) -> Option<Vec<Self>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        // One part more than allowed is enough to see that the list is too long.
        let parts = text.split(',').take(max_len + 1);
        let read: Vec<Self> = parts.map(|part| Self::read(part.trim())).collect::<Option<_>>()?;
        if read.len() > max_len {
            return None;
        }
        let mut places = Vec::new();
        read.into_iter().for_each(|place| place.add_to(&mut places));
        Some(places)
    }

    /// Puts the place into a list in the network's order, unless it is there.
    pub fn add_to(self, places: &mut Vec<Self>) {
        let at = places.partition_point(|place| *place < self);
        if places.get(at) != Some(&self) {
            places.insert(at, self);
        }
    }

    /// Writes places as [`Self::read_list`] reads them.
    pub fn write_list(places: &[Self]) -> String {
        places.iter().map(Self::to_string).collect::<Vec<_>>().join(",")
    }

    /// Stage and block counted from 0.
    pub fn indices(self) -> (usize, usize) {
        (self.stage.saturating_sub(1) as usize, self.block.saturating_sub(1) as usize)
    }

    /// The place in words: “stage 2, block 1”.
    pub fn words(self) -> String {
        format!("stage {}, block {}", self.stage, self.block)
    }
}

impl fmt::Display for BlockPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.stage, self.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_that_a_network_can_have_are_read() {
        for (text, place) in [("1.1", (1, 1)), ("6.64", (6, 64)), ("02.01", (2, 1))] {
            let read = BlockPlace::read(text).map(|place| (place.stage, place.block));
            assert_eq!(read, Some(place), "{text}");
        }
        for text in ["", ".", "1", "1.", ".1", "0.1", "1.0", "7.1", "1.65", "1.1.1", "+1.1", "-1.1"]
        {
            assert_eq!(BlockPlace::read(text), None, "{text}");
        }
    }

    #[test]
    fn lists_are_in_order_and_name_no_place_twice() {
        let list = BlockPlace::read_list("2.2, 1.1,2.1,2.2", 4).unwrap_or_default();
        assert_eq!(BlockPlace::write_list(&list), "1.1,2.1,2.2");
        assert_eq!(BlockPlace::read_list("", 4), Some(Vec::new()));
        for bad in ["1.1,", ",", "1.1,2.1,1.1,2.1,1.1", "1.1;2.1"] {
            assert_eq!(BlockPlace::read_list(bad, 4), None, "{bad}");
        }
    }
}
