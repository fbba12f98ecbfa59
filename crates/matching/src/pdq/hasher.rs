//! From pixels to a hash and its quality.

use super::dct::{self, Cosines, Spectrum};
use super::grid::{Grid, Reducer, SIDE};
use super::{Dihedral, Pdq, Pixels};

/// The least width and height of an image that can be hashed, in pixels.
pub const MIN_SIDE: usize = 5;

/// A hash, and how much it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// The hash.
    pub hash: Pdq,
    /// How much structure the image has, 0 to 100. Hashes below [`super::LOW_QUALITY`] match by
    /// chance: of a blank page, say.
    pub quality: u8,
}

/// The image is too small to be hashed. (The reference gives zeros, as for a blank image.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an image of {width} × {height} pixels is too small: {MIN_SIDE} × {MIN_SIDE} at least")]
pub struct TooSmall {
    width: usize,
    height: usize,
}

/// Hashes images, one after the other; keeps its buffers for the next one.
#[derive(Debug)]
pub struct Hasher {
    reducer: Reducer,
    grid: Box<Grid>,
    cosines: Box<Cosines>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    /// A hasher with no buffers yet.
    pub fn new() -> Self {
        Self {
            reducer: Reducer::default(),
            grid: Box::new([[0.0; SIDE]; SIDE]),
            cosines: Box::new(Cosines::new()),
        }
    }

    /// The hash of an image. Time grows with its pixels; memory with a 32nd of them and its width.
    ///
    /// # Errors
    /// When a side is below [`MIN_SIDE`].
    pub fn hash(&mut self, pixels: &Pixels<'_>) -> Result<Hashed, TooSmall> {
        let (spectrum, quality) = self.spectrum(pixels)?;
        let hash = dct::hash(&spectrum);
        Ok(Hashed { hash, quality })
    }

    /// The hashes of an image turned and mirrored, in the order of [`Dihedral::ALL`], and the
    /// quality of all of them. They are computed from the image's own spectrum and so near, but not
    /// always equal, to those of the turned pixels.
    ///
    /// # Errors
    /// When a side is below [`MIN_SIDE`].
    pub fn dihedral(&mut self, pixels: &Pixels<'_>) -> Result<([Pdq; 8], u8), TooSmall> {
        let (spectrum, quality) = self.spectrum(pixels)?;
        let hashes = Dihedral::ALL.map(|turn| dct::hash(&turn.of(&spectrum)));
        Ok((hashes, quality))
    }

    fn spectrum(&mut self, pixels: &Pixels<'_>) -> Result<(Spectrum, u8), TooSmall> {
        let (width, height) = (pixels.width(), pixels.height());
        if width.min(height) < MIN_SIDE {
            return Err(TooSmall { width, height });
        }
        self.reducer.reduce(pixels, &mut self.grid);
        Ok((self.cosines.spectrum(&self.grid), quality(&self.grid)))
    }
}

/// The sum of the steps between neighbours, each in whole percent of the range, scaled so that most
/// photographs reach 100.
fn quality(grid: &Grid) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "steps are at most 100")]
    fn step(from: f32, to: f32) -> i32 {
        (((from - to) * 100.0 / 255.0) as i32).abs()
    }
    let mut sum = 0;
    for (row, below) in grid.iter().zip(grid.iter().skip(1)) {
        sum += row
            .iter()
            .zip(below)
            .map(|(a, b)| step(*a, *b))
            .sum::<i32>();
    }
    for row in grid {
        let pairs = row.iter().zip(row.iter().skip(1));
        sum += pairs.map(|(a, b)| step(*a, *b)).sum::<i32>();
    }
    u8::try_from(sum / 90).map_or(100, |quality| quality.min(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_images_are_refused_and_flat_ones_are_worth_nothing() {
        let mut hasher = Hasher::new();
        let samples = vec![7; 3 * 4 * 100];
        let small = Pixels::rgb(&samples, 100, 4).unwrap();
        let why = hasher.hash(&small).unwrap_err().to_string();
        assert!(why.contains("100 × 4"), "{why}");
        let flat = Pixels::rgb(&samples, 20, 20).unwrap();
        assert_eq!(hasher.hash(&flat).unwrap().quality, 0);
    }

    #[test]
    fn buffers_leave_no_trace() {
        let noise = |seed: u32, count: usize| -> Vec<u8> {
            let mut state = seed;
            let next = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            (0..count).map(next).collect()
        };
        let mut used = Hasher::new();
        for (seed, width, height) in [
            (1, 640, 90),
            (2, 5, 300),
            (3, 64, 64),
            (4, 131, 77),
            (5, 700, 900),
        ] {
            let samples = noise(seed, width * height * 3);
            let pixels = Pixels::rgb(&samples, width, height).unwrap();
            assert_eq!(used.hash(&pixels), Hasher::new().hash(&pixels));
        }
    }
}
