//! Pictures as PNG files.

use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use resnette_picture::Picture;

/// The bytes of a PNG file of a picture.
///
/// # Errors
/// If the picture has another number of pixels than its sides say.
pub fn png(picture: &Picture) -> Result<Vec<u8>, image::ImageError> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(
        &picture.rgb,
        picture.width,
        picture.height,
        image::ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}
