//! Draws of all shapes.

use matching::sample::Draw;

/// A stream of draws.
#[derive(Debug)]
pub(super) struct Random(Draw);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Draw::new(seed ^ 0x636f_6f72_6469_6e61))
    }

    /// Above 0 and below 1.
    pub(super) fn unit(&mut self) -> f64 {
        let bits = u32::try_from(self.0.next() >> 32).unwrap_or_default();
        (f64::from(bits) + 0.5) / 4_294_967_296.0
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Between two numbers, each factor as likely as any other.
    pub(super) fn scale(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    pub(super) fn chance(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// A whole number below `end`, or 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.0.below(end as usize)).unwrap_or_default()
    }

    /// A time to react: log-logistic, so that some take very long.
    pub(super) fn reaction(&mut self, median: f64, shape: f64) -> f64 {
        let part = self.unit();
        median * (part / (1.0 - part)).powf(1.0 / shape)
    }

    /// Log-normal with median 1.
    pub(super) fn spread(&mut self, sigma: f64) -> f64 {
        let (a, b) = (self.unit(), self.unit());
        let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        (sigma * normal).exp()
    }

    /// A whole number at or above 0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small counts"
    )]
    pub(super) fn whole(&mut self, low: f64, high: f64) -> u32 {
        self.scale(low, high) as u32
    }
}

/// Numbers drawn by their weights.
#[derive(Debug)]
pub(super) struct Weighted(Vec<f64>);

impl Weighted {
    pub(super) fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        Self(
            weights
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    pub(super) fn draw(&self, random: &mut Random) -> u32 {
        let wanted = self.0.last().copied().unwrap_or_default() * random.unit();
        let at = self.0.partition_point(|sum| *sum <= wanted);
        u32::try_from(at.min(self.0.len().saturating_sub(1))).unwrap_or_default()
    }
}
