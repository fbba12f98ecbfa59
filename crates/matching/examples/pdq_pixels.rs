//! Hashes PPM images named on stdin, one path a line, and prints `hash quality` or eight hashes
//! (`--dihedral`); `--time N` hashes each N times and prints processor seconds a hash instead.
//! `tests/outside/pdq.py` runs it.

use std::io::{BufRead as _, Error, ErrorKind};

use matching::pdq::{Hasher, Pixels};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dihedral = arguments.iter().any(|argument| argument == "--dihedral");
    let times = arguments
        .iter()
        .skip_while(|argument| *argument != "--time")
        .nth(1);
    let times = times.map(|text| text.parse::<u32>()).transpose()?;
    let mut hasher = Hasher::new();
    for path in std::io::stdin().lock().lines() {
        let file = std::fs::read(path?)?;
        let pixels = read(&file).ok_or(Error::from(ErrorKind::InvalidData))?;
        if let Some(times) = times {
            let start = processor_seconds()?;
            for _ in 0..times {
                std::hint::black_box(hasher.hash(std::hint::black_box(&pixels))?);
            }
            println!("{:e}", (processor_seconds()? - start) / f64::from(times));
        } else if dihedral {
            let (hashes, quality) = hasher.dihedral(&pixels)?;
            println!(
                "{} {quality}",
                hashes.map(|hash| hash.to_string()).join(" ")
            );
        } else {
            let hashed = hasher.hash(&pixels)?;
            println!("{} {}", hashed.hash, hashed.quality);
        }
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

/// What this thread has spent on a processor.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().unwrap_or_default();
    Ok(nanoseconds.parse::<f64>()? / 1e9)
}
