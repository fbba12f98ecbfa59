//! Hashes PPM images named on stdin, one path a line, N times each, and prints processor seconds a
//! hash: `cargo run --release -p entente-matching --example pdq_pixels -- --time N`. The bench runs it.

mod measure;

use std::hint::black_box;
use std::io::{BufRead as _, Error, ErrorKind};

use matching::pdq::{Hasher, Pixels};

use measure::processor_seconds;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--time");
    let times = arguments
        .nth(1)
        .ok_or("--time N is missing")?
        .parse::<u32>()?;
    let mut hasher = Hasher::new();
    for path in std::io::stdin().lock().lines() {
        let file = std::fs::read(path?)?;
        let pixels = read(&file).ok_or(Error::from(ErrorKind::InvalidData))?;
        let start = processor_seconds();
        for _ in 0..times {
            black_box(hasher.hash(black_box(&pixels))?);
        }
        println!("{:e}", (processor_seconds() - start) / f64::from(times));
    }
    Ok(())
}

/// A binary PPM of 8 bits without comments, as Pillow writes it.
fn read(file: &[u8]) -> Option<Pixels<'_>> {
    let mut parts = file.splitn(4, |byte| *byte == b'\n');
    let text = |part: &'_ [u8]| std::str::from_utf8(part).ok().map(str::to_owned);
    (parts.next()? == b"P6").then_some(())?;
    let size = text(parts.next()?)?;
    let (width, height) = size.split_once(' ')?;
    (parts.next()? == b"255").then_some(())?;
    Pixels::rgb(parts.next()?, width.parse().ok()?, height.parse().ok()?).ok()
}
