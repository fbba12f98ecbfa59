//! The box filter of which two passes in each direction make PDQ's blur (W. Jarosz, "Fast Image
//! Convolutions", 2001).
//!
//! A sum runs along each line: a value enters, one leaves, in 32 bits. Every rounding shows in the
//! hash, so the order of additions along a line is the reference's. Lines do not depend on each
//! other: [`box_lines`] filters [`LANES`] rows side by side, [`Down`] all columns side by side. What
//! is inlined always is compiled for the processor at hand (see [`crate::simd::widened`]).

#![expect(
    clippy::inline_always,
    reason = "compiled for the processor at hand, with what calls it"
)]

use crate::simd;

/// How many lines are filtered side by side: enough that one does not wait for its own sum.
pub(super) const LANES: usize = simd::ROWS;

/// One value of each of [`LANES`] lines.
pub(super) type Lanes = [f32; LANES];

/// The window along a side of `length` pixels that becomes 64: a 128th, rounded up.
pub(super) fn window(length: usize) -> usize {
    length.div_ceil(128)
}

/// How many values enter before the first mean is written.
const fn lead(window: usize) -> usize {
    window / 2
}

/// Windows are far below 2^24 wide.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^24")]
const fn exact(count: usize) -> f32 {
    count as f32
}

#[inline(always)]
fn add(sum: &mut Lanes, values: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

#[inline(always)]
fn subtract(sum: &mut Lanes, values: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum -= value;
    }
}

/// Filters [`LANES`] lines of the same length, at least `window`; as many means are written.
#[inline(always)]
pub(super) fn box_lines(lines: &[Lanes], window: usize, means: &mut [Lanes]) {
    let lead = lead(window);
    let full = lines.len().saturating_sub(window);
    let mut sum = [0.0; LANES];
    let (first, entering) = lines.split_at_checked(window).unwrap_or((lines, &[]));
    let (leading, filling) = first.split_at_checked(lead).unwrap_or((first, &[]));
    let (growing, means) = means.split_at_mut(filling.len().min(means.len()));
    let (sliding, shrinking) = means.split_at_mut(full.min(means.len()));

    for values in leading {
        add(&mut sum, values);
    }
    for ((values, mean), count) in filling.iter().zip(growing).zip(lead + 1..) {
        add(&mut sum, values);
        let size = exact(count);
        *mean = sum.map(|sum| sum / size);
    }
    // Multiplying by the inverse of a power of two is dividing, and faster.
    let size = exact(window);
    let sliding = entering.iter().zip(lines).zip(sliding);
    if window.is_power_of_two() {
        let inverse = 1.0 / size;
        for ((enter, leave), mean) in sliding {
            add(&mut sum, enter);
            subtract(&mut sum, leave);
            *mean = sum.map(|sum| sum * inverse);
        }
    } else {
        for ((enter, leave), mean) in sliding {
            add(&mut sum, enter);
            subtract(&mut sum, leave);
            *mean = sum.map(|sum| sum / size);
        }
    }
    let leaving = lines.iter().skip(full);
    for ((values, mean), count) in leaving.zip(shrinking).zip((1..window).rev()) {
        subtract(&mut sum, values);
        let size = exact(count);
        *mean = sum.map(|sum| sum / size);
    }
}

/// Filters columns: rows go in from the top, and means come out, as many and in the same order.
/// Keeps the last `window` rows and no more.
#[derive(Debug, Default)]
pub(super) struct Down {
    width: usize,
    window: usize,
    entered: usize,
    /// The last `window` rows, each over the one `window` above it.
    kept: Vec<f32>,
    sums: Vec<f32>,
    means: Vec<f32>,
}

impl Down {
    /// Begins an image of that many columns.
    pub(super) fn begin(&mut self, width: usize, window: usize) {
        self.width = width;
        self.window = window;
        self.entered = 0;
        self.kept.clear();
        self.kept.resize(width * window, 0.0);
        self.sums.clear();
        self.sums.resize(width, 0.0);
        self.means.resize(width, 0.0);
    }

    /// Takes the next row; the next row of means, once enough have entered.
    #[inline(always)]
    pub(super) fn enter(&mut self, row: &[f32]) -> Option<&[f32]> {
        let place = self.width * (self.entered % self.window);
        let kept = self.kept.get_mut(place..place + self.width)?;
        self.entered += 1;
        let lines = self.sums.iter_mut().zip(&mut self.means).zip(row).zip(kept);
        if self.entered <= self.window {
            let size = exact(self.entered);
            for (((sum, mean), &enter), kept) in lines {
                *sum += enter;
                *mean = *sum / size;
                *kept = enter;
            }
            return (self.entered > lead(self.window)).then_some(&self.means);
        }
        let size = exact(self.window);
        if self.window.is_power_of_two() {
            let inverse = 1.0 / size;
            for (((sum, mean), &enter), kept) in lines {
                *sum = (*sum + enter) - *kept;
                *mean = *sum * inverse;
                *kept = enter;
            }
        } else {
            for (((sum, mean), &enter), kept) in lines {
                *sum = (*sum + enter) - *kept;
                *mean = *sum / size;
                *kept = enter;
            }
        }
        Some(&self.means)
    }

    /// How many rows of means are left once the last row has entered.
    pub(super) fn left(&self) -> usize {
        lead(self.window)
    }

    /// One of the last rows of means, `number` counting from 0 below [`Down::left`].
    #[inline(always)]
    pub(super) fn leave(&mut self, number: usize) -> Option<&[f32]> {
        // The oldest row kept is the one that the next to enter would replace.
        let place = self.width * ((self.entered + number) % self.window);
        let kept = self.kept.get(place..place + self.width)?;
        let size = exact(self.window.saturating_sub(number + 1));
        for ((sum, mean), leave) in self.sums.iter_mut().zip(&mut self.means).zip(kept) {
            *sum -= leave;
            *mean = *sum / size;
        }
        Some(&self.means)
    }
}
