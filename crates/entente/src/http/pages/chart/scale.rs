//! Round steps of axes.

/// A round step that gives four to eight ticks up to `most`.
pub(super) fn tick_step(most: usize) -> usize {
    let mut step = 1;
    for factor in [2, 5, 2].into_iter().cycle() {
        if most / step < 8 {
            break;
        }
        step = if factor == 5 {
            step / 2 * 5
        } else {
            step * factor
        };
    }
    step
}

/// A length as it stands in a drawing.
pub(super) fn units(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_axis_are_round() {
        let steps = [0, 7, 8, 40, 100, 1_222, 100_000].map(tick_step);
        assert_eq!(steps, [1, 1, 2, 10, 20, 200, 20_000]);
    }
}
