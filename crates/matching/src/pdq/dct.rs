//! The lowest 16 × 16 frequencies of a reduced image, and the hash they make: one bit for each,
//! whether it is above the median.

use std::f64::consts::PI;

use super::Pdq;
use super::grid::{Grid, SIDE};

/// How many frequencies are taken in each direction, without the constant one.
const FREQUENCIES: usize = 16;

/// Strengths by vertical, then horizontal frequency.
pub(super) type Spectrum = [[f32; FREQUENCIES]; FREQUENCIES];

/// The matrix of the discrete cosine transform, 16 × 64, and its transpose.
#[derive(Debug)]
pub(super) struct Cosines {
    rows: [[f32; SIDE]; FREQUENCIES],
    columns: [[f32; FREQUENCIES]; SIDE],
}

impl Cosines {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "small numbers; rounded as the reference does"
    )]
    pub(super) fn new() -> Self {
        let scale = f64::from((2.0 / SIDE as f64).sqrt() as f32);
        let cosine = |frequency: usize, place: usize| {
            let step = PI / 2.0 / SIDE as f64;
            (scale * (step * (frequency + 1) as f64 * (2 * place + 1) as f64).cos()) as f32
        };
        Self {
            rows: std::array::from_fn(|i| std::array::from_fn(|j| cosine(i, j))),
            columns: std::array::from_fn(|j| std::array::from_fn(|i| cosine(i, j))),
        }
    }

    /// `D · grid · Dᵀ`. Sums are taken in the reference's order.
    pub(super) fn spectrum(&self, grid: &Grid) -> Spectrum {
        let mut spectrum = [[0.0; FREQUENCIES]; FREQUENCIES];
        for (cosines, out) in self.rows.iter().zip(&mut spectrum) {
            let mut sums = [0.0; SIDE];
            for (cosine, row) in cosines.iter().zip(grid) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += cosine * value;
                }
            }
            for (value, cosines) in sums.iter().zip(&self.columns) {
                for (sum, cosine) in out.iter_mut().zip(cosines) {
                    *sum += value * cosine;
                }
            }
        }
        spectrum
    }
}

/// The hash of a spectrum.
pub(super) fn hash(spectrum: &Spectrum) -> Pdq {
    let mut sorted = [0.0; FREQUENCIES * FREQUENCIES];
    sorted.copy_from_slice(spectrum.as_flattened());
    let lower = sorted.len() / 2 - 1;
    let (_, &mut median, _) = sorted.select_nth_unstable_by(lower, f32::total_cmp);
    let mut words = [0; 4];
    for (word, values) in words.iter_mut().zip(spectrum.as_flattened().chunks(64)) {
        for (bit, value) in values.iter().enumerate() {
            *word |= u64::from(*value > median) << bit;
        }
    }
    Pdq::from_words(words)
}

/// How an image is turned or mirrored: the symmetries of a square. Rotations are counter-clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dihedral {
    /// As it is.
    Original,
    /// Turned by 90°.
    Rotate90,
    /// Turned by 180°.
    Rotate180,
    /// Turned by 270°.
    Rotate270,
    /// Top and bottom exchanged.
    FlipX,
    /// Left and right exchanged.
    FlipY,
    /// Mirrored at the diagonal from the top left: rows become columns.
    FlipPlus,
    /// Mirrored at the other diagonal.
    FlipMinus,
}

impl Dihedral {
    /// All, in the reference's order.
    pub const ALL: [Self; 8] = [
        Self::Original,
        Self::Rotate90,
        Self::Rotate180,
        Self::Rotate270,
        Self::FlipX,
        Self::FlipY,
        Self::FlipPlus,
        Self::FlipMinus,
    ];

    /// The name used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Rotate90 => "rotate-90",
            Self::Rotate180 => "rotate-180",
            Self::Rotate270 => "rotate-270",
            Self::FlipX => "flip-x",
            Self::FlipY => "flip-y",
            Self::FlipPlus => "flip-plus",
            Self::FlipMinus => "flip-minus",
        }
    }

    /// Whether rows become columns, and whether the frequency at (row, column) changes its sign.
    fn effect(self) -> (bool, fn(usize, usize) -> bool) {
        match self {
            Self::Original => (false, |_, _| false),
            Self::Rotate90 => (true, |_, j| j % 2 == 0),
            Self::Rotate180 => (false, |i, j| (i + j) % 2 == 1),
            Self::Rotate270 => (true, |i, _| i % 2 == 0),
            Self::FlipX => (false, |i, _| i % 2 == 0),
            Self::FlipY => (false, |_, j| j % 2 == 0),
            Self::FlipPlus => (true, |_, _| false),
            Self::FlipMinus => (true, |i, j| (i + j) % 2 == 1),
        }
    }

    /// The spectrum of the image so turned: a mirrored cosine is the same or its opposite.
    pub(super) fn of(self, spectrum: &Spectrum) -> Spectrum {
        let (exchanged, negated) = self.effect();
        let mut turned = *spectrum;
        for (i, row) in spectrum.iter().enumerate() {
            for (j, &value) in row.iter().enumerate() {
                let (to_row, to_column) = if exchanged { (j, i) } else { (i, j) };
                let place = turned
                    .get_mut(to_row)
                    .and_then(|row| row.get_mut(to_column));
                if let Some(place) = place {
                    *place = if negated(i, j) { -value } else { value };
                }
            }
        }
        turned
    }
}
