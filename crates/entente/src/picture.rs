//! Images as files hold them, decoded: JPEG, PNG, WebP and GIF, told by their first bytes. Whatever
//! a file claims, its pixels are counted first, and no more than [`MOST_PIXELS`] are decoded.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageError, ImageReader};
use matching::pdq::{Pixels, PixelsRefusal};

/// Octets of the largest file that is decoded.
pub(crate) const LARGEST: u64 = 64 << 20;

/// The most pixels of an image: 8192 × 8192.
pub(crate) const MOST_PIXELS: u64 = 1 << 26;

/// Octets for one pixel at most: four samples of 16 bits.
const DEEPEST: u64 = 8;

/// A decoded image. Of an animation it is the first frame; alpha and the orientation that a camera
/// noted count for nothing, as in the reference implementation of PDQ.
pub(crate) struct Picture {
    samples: Vec<u8>,
    width: u32,
    height: u32,
}

/// Why there is no image to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("is no image: JPEG, PNG, WebP and GIF are read")]
    NoImage,
    #[error("says it has {width} × {height} pixels: images of up to {MOST_PIXELS} are read")]
    TooManyPixels { width: u32, height: u32 },
    #[error("is cut off: it ends before the image does")]
    CutOff,
    #[error("is damaged: {0}")]
    Damaged(ImageError),
}

impl Picture {
    /// Decodes a file.
    ///
    /// # Errors
    /// When it is no image, too large a one, cut off or damaged.
    pub(crate) fn decode(file: &[u8]) -> Result<Self, PictureError> {
        let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
        let mut reader = reader.map_err(|_| PictureError::NoImage)?;
        if reader.format().is_none() {
            return Err(PictureError::NoImage);
        }
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(MOST_PIXELS * DEEPEST);
        reader.limits(limits);
        let decoder = reader.into_decoder()?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(PictureError::TooManyPixels { width, height });
        }
        if is_cut_off_jpeg(file) {
            return Err(PictureError::CutOff);
        }
        let samples = DynamicImage::from_decoder(decoder)?.into_rgb8().into_raw();
        Ok(Self {
            samples,
            width,
            height,
        })
    }

    /// Its pixels.
    ///
    /// # Errors
    /// Never, unless a decoder gives fewer pixels than it said.
    pub(crate) fn pixels(&self) -> Result<Pixels<'_>, PixelsRefusal> {
        Pixels::rgb(&self.samples, self.width as usize, self.height as usize)
    }
}

/// Whether a JPEG has no end after its last scan: the decoder fills what is missing with grey.
fn is_cut_off_jpeg(file: &[u8]) -> bool {
    let scan = memchr::memmem::rfind(file, b"\xff\xda");
    file.starts_with(b"\xff\xd8\xff")
        && scan.is_some_and(|scan| {
            let rest = file.get(scan..).unwrap_or_default();
            memchr::memmem::find(rest, b"\xff\xd9").is_none()
        })
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Unsupported(_) => Self::NoImage,
            ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::CutOff
            }
            other => Self::Damaged(other),
        }
    }
}

/// Whether a file begins as an image that can be decoded.
pub(crate) fn begins_as_image(head: &[u8]) -> bool {
    image::guess_format(head).is_ok_and(|format| format.reading_enabled())
}
