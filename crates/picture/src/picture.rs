//! A decoded picture.

/// An RGB8 picture: three bytes a pixel, rows from top to bottom, without padding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixels, `width * height * 3` bytes.
    #[serde(with = "serde_bytes")]
    pub rgb: Vec<u8>,
}

impl Picture {
    /// A picture of a single colour.
    ///
    /// ```
    /// let red = resnette_picture::Picture::filled(2, 1, [255, 0, 0]);
    /// assert_eq!(red.rgb, [255, 0, 0, 255, 0, 0]);
    /// assert_eq!(red.pixel(1, 0), [255, 0, 0]);
    /// ```
    pub fn filled(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let pixels = width as usize * height as usize;
        Self { width, height, rgb: colour.repeat(pixels) }
    }

    /// Red, green and blue of the pixel in column `x` of row `y`, both counted from 0.
    ///
    /// # Panics
    /// Panics if the pixel lies beyond the end of [`Picture::rgb`].
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}
