//! How long private matching takes: `cargo run --release -p entente-matching --example oprf`.
//!
//! Prints microseconds an element, of one thread and of as many as there are processors: what the
//! holder's set-up takes, and what a question takes, blinding, evaluation and unblinding together.

use std::num::NonZero;
use std::thread;
use std::time::Instant;

use matching::oprf::{Blinds, ServerKey};

const ELEMENTS: usize = 8192;

#[expect(clippy::expect_used, reason = "an example of valid elements")]
fn main() {
    let elements: Vec<String> = (0..ELEMENTS)
        .map(|at| format!("host-{at}.example"))
        .collect();
    let key = ServerKey::derive(&[7; 32], b"example").expect("a key");
    let all = thread::available_parallelism().map_or(1, NonZero::get);
    let mut state = 1_u64;
    let mut random = |to: &mut [u8]| {
        for byte in to {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = state.to_le_bytes()[7];
        }
    };
    let piece = ELEMENTS.div_ceil(all);
    let begun = Instant::now();
    key.outputs(&elements).expect("short");
    let one = begun.elapsed();
    let begun = Instant::now();
    thread::scope(|scope| {
        for part in elements.chunks(piece) {
            scope.spawn(|| key.outputs(part).expect("short"));
        }
    });
    told("set-up", one, begun.elapsed(), all);
    let mut ask = |part: &[String]| {
        let (blinds, blinded) = Blinds::blind(part, &mut random).expect("short");
        let evaluated = key.evaluate(&blinded).expect("elements");
        blinds.finalize(part, &evaluated).expect("elements");
    };
    let begun = Instant::now();
    ask(&elements);
    let one = begun.elapsed();
    let begun = Instant::now();
    thread::scope(|scope| {
        for (seed, part) in (1..).zip(elements.chunks(piece)) {
            let key = &key;
            scope.spawn(move || {
                let mut state: u64 = seed;
                let mut random = |to: &mut [u8]| {
                    for byte in to {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(seed);
                        *byte = state.to_le_bytes()[7];
                    }
                };
                let (blinds, blinded) = Blinds::blind(part, &mut random).expect("short");
                let evaluated = key.evaluate(&blinded).expect("elements");
                blinds.finalize(part, &evaluated).expect("elements");
            });
        }
    });
    told("question", one, begun.elapsed(), all);
}

fn told(what: &str, one: std::time::Duration, many: std::time::Duration, threads: usize) {
    #[expect(clippy::cast_precision_loss, reason = "figures to read")]
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / ELEMENTS as f64;
    println!(
        "{what:<9} {:>7.1} us an element, {:>7.1} on {threads} threads",
        each(one),
        each(many)
    );
}
