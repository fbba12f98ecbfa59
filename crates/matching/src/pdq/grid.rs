//! An image blurred and reduced to 64 × 64, in one pass from the top: of the rows in between, only
//! as many are kept as the filter's window is high.

#![expect(
    clippy::inline_always,
    reason = "compiled for the processor at hand, with what calls it"
)]

use super::jarosz::{Down, LANES, Lanes, box_lines, window};
use super::pixels::{Pixels, thousandfold};
use crate::simd;

/// The side of the reduced image.
pub(super) const SIDE: usize = 64;

/// Rows of luma, blurred and reduced.
pub(super) type Grid = [[f32; SIDE]; SIDE];

/// Reduces images; keeps its buffers for the next one.
#[derive(Debug, Default)]
pub(super) struct Reducer {
    upper: Panel,
    down: Down,
    lower: Lower,
}

struct Reduction<'r> {
    reducer: &'r mut Reducer,
    pixels: &'r Pixels<'r>,
    grid: &'r mut Grid,
}

impl simd::Work for Reduction<'_> {
    #[inline(always)]
    fn done(self) {
        self.reducer.reduce_here(self.pixels, self.grid);
    }
}

/// The pixel at the middle of one of the 64 parts of a side.
fn middle(part: usize, length: usize) -> usize {
    (2 * part + 1) * length / (2 * SIDE)
}

/// The thousandfold lumas of a row.
#[inline(always)]
fn lumas(samples: &[u8]) -> impl Iterator<Item = f32> {
    let (pixels, _) = samples.as_chunks::<3>();
    pixels
        .iter()
        .map(|&[red, green, blue]| thousandfold(red, green, blue))
}

impl Reducer {
    /// The image at 64 × 64, each value the luma about the middle of its part. An image of that size
    /// is taken as it is.
    pub(super) fn reduce(&mut self, pixels: &Pixels<'_>, grid: &mut Grid) {
        simd::widened(Reduction {
            reducer: self,
            pixels,
            grid,
        });
    }

    #[inline(always)]
    fn reduce_here(&mut self, pixels: &Pixels<'_>, grid: &mut Grid) {
        let (width, height) = (pixels.width(), pixels.height());
        if (width, height) == (SIDE, SIDE) {
            for (row, samples) in grid.iter_mut().zip(pixels.rows()) {
                for (value, luma) in row.iter_mut().zip(lumas(samples)) {
                    *value = luma / 1000.0;
                }
            }
            return;
        }
        self.upper.begin(width);
        self.down.begin(width, window(height));
        self.lower.begin(width, height);
        let mut rows = pixels.rows();
        loop {
            let mut lanes = 0;
            for (row, samples) in self.upper.rows.iter_mut().zip(rows.by_ref().take(LANES)) {
                for (value, luma) in row.iter_mut().zip(lumas(samples)) {
                    *value = luma / 1000.0;
                }
                lanes += 1;
            }
            if lanes == 0 {
                break;
            }
            self.upper.filter();
            self.upper.lie_down();
            for row in self.upper.rows.iter().take(lanes) {
                if let Some(means) = self.down.enter(row) {
                    self.lower.take(means, grid);
                }
            }
        }
        for number in 0..self.down.left() {
            if let Some(means) = self.down.leave(number) {
                self.lower.take(means, grid);
            }
        }
        self.lower.finish(grid);
    }
}

/// [`LANES`] rows, the same side by side, and their means.
#[derive(Debug, Default)]
struct Panel {
    rows: [Vec<f32>; LANES],
    values: Vec<Lanes>,
    means: Vec<Lanes>,
}

impl Panel {
    fn begin(&mut self, width: usize) {
        for row in &mut self.rows {
            row.resize(width, 0.0);
        }
        self.values.resize(width, [0.0; LANES]);
        self.means.resize(width, [0.0; LANES]);
    }

    /// The means of the rows.
    #[inline(always)]
    fn filter(&mut self) {
        simd::side_by_side(&self.rows, &mut self.values);
        box_lines(&self.values, window(self.values.len()), &mut self.means);
    }

    /// The means as rows again.
    #[inline(always)]
    fn lie_down(&mut self) {
        simd::one_by_one(&self.means, &mut self.rows);
    }
}

/// The second pass in both directions, of which only what is kept is computed: 64 columns, 64 rows.
#[derive(Debug, Default)]
struct Lower {
    panel: Panel,
    lanes: usize,
    down: Down,
    height: usize,
    /// How many rows have come out, and how many of the 64 are kept.
    out: usize,
    kept: usize,
}

impl Lower {
    fn begin(&mut self, width: usize, height: usize) {
        self.panel.begin(width);
        self.lanes = 0;
        self.down.begin(SIDE, window(height));
        self.height = height;
        self.out = 0;
        self.kept = 0;
    }

    /// Takes the next row.
    #[inline(always)]
    fn take(&mut self, row: &[f32], grid: &mut Grid) {
        if let Some(place) = self.panel.rows.get_mut(self.lanes) {
            place.clear();
            place.extend_from_slice(row);
        }
        self.lanes += 1;
        if self.lanes == LANES {
            self.flush(grid);
        }
    }

    #[inline(always)]
    fn finish(&mut self, grid: &mut Grid) {
        self.flush(grid);
        for number in 0..self.down.left() {
            if let Some(means) = self.down.leave(number) {
                keep(means, self.height, &mut self.out, &mut self.kept, grid);
            }
        }
    }

    #[inline(always)]
    fn flush(&mut self, grid: &mut Grid) {
        self.panel.filter();
        let mut rows = [[0.0; SIDE]; LANES];
        for part in 0..SIDE {
            let column = middle(part, self.panel.means.len());
            let means = self.panel.means.get(column).copied().unwrap_or_default();
            for (row, mean) in rows.iter_mut().zip(means) {
                if let Some(place) = row.get_mut(part) {
                    *place = mean;
                }
            }
        }
        for row in rows.iter().take(self.lanes) {
            if let Some(means) = self.down.enter(row) {
                keep(means, self.height, &mut self.out, &mut self.kept, grid);
            }
        }
        self.lanes = 0;
    }
}

/// Puts a row where it is the middle one; in a low image, in several places.
#[inline(always)]
fn keep(means: &[f32], height: usize, out: &mut usize, kept: &mut usize, grid: &mut Grid) {
    while middle(*kept, height) == *out
        && let Some(row) = grid.get_mut(*kept)
    {
        for (place, &mean) in row.iter_mut().zip(means) {
            *place = mean;
        }
        *kept += 1;
    }
    *out += 1;
}
