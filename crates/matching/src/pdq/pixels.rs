//! Pixels as a decoder leaves them, and their luma.

/// The pixels of an image: 8-bit samples, R, G and B in turn, row by row from the top left.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'p> {
    samples: &'p [u8],
    width: usize,
    height: usize,
}

/// The samples are not those of such an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{width} × {height} pixels of RGB are not {samples} bytes")]
pub struct PixelsRefusal {
    width: usize,
    height: usize,
    samples: usize,
}

impl<'p> Pixels<'p> {
    /// # Errors
    /// When there are not exactly `3 · width · height` samples.
    pub fn rgb(samples: &'p [u8], width: usize, height: usize) -> Result<Self, PixelsRefusal> {
        let expected = width
            .checked_mul(height)
            .and_then(|pixels| pixels.checked_mul(3));
        if expected != Some(samples.len()) {
            return Err(PixelsRefusal {
                width,
                height,
                samples: samples.len(),
            });
        }
        Ok(Self {
            samples,
            width,
            height,
        })
    }

    /// In pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The samples of each row, from the top.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'p [u8]> {
        self.samples.chunks_exact((self.width * 3).max(1))
    }
}

/// A thousand times the luma: a whole number below 2^24, so exact. Divided by 1000 once, in 32 bits,
/// it gives what the reference gets in 64 bits and then rounds: a luma is a multiple of 1/1000, and
/// none lies nearer to the middle between two 32-bit numbers than 64-bit arithmetic errs.
#[inline]
pub(super) fn thousandfold(red: u8, green: u8, blue: u8) -> f32 {
    299.0 * f32::from(red) + 587.0 * f32::from(green) + 114.0 * f32::from(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_that_of_64_bits_rounded_once() {
        for red in 0..=255 {
            for green in 0..=255 {
                for blue in 0..=255 {
                    let wide = f64::from(red) * 0.299 + f64::from(green) * 0.587;
                    #[expect(clippy::cast_possible_truncation, reason = "as the reference does")]
                    let expected = (wide + f64::from(blue) * 0.114) as f32;
                    let got = thousandfold(red, green, blue) / 1000.0;
                    assert_eq!(got.to_bits(), expected.to_bits(), "{red} {green} {blue}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_number_of_samples_is_refused() {
        assert!(Pixels::rgb(&[0; 12], 2, 2).is_ok());
        assert!(Pixels::rgb(&[0; 11], 2, 2).is_err());
        assert!(Pixels::rgb(&[], usize::MAX, usize::MAX).is_err());
    }
}
