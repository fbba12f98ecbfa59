//! Writes generated measurements to stdout: `measurements SEED COUNT [BODY_OCTETS [PER_HOUR]]`.

use std::io::{self, BufWriter, Write as _};

use detect::interference::sample::Sample;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse::<u64>().ok());
    let mut next = |default| arguments.next().unwrap_or(default);
    let (seed, count, body, per_hour) = (next(1), next(1000), next(30_000), next(200));
    let mut out = BufWriter::new(io::stdout().lock());
    let body = usize::try_from(body).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    for made in Sample::new(seed, body, per_hour).take(count) {
        writeln!(out, "{}", made.line)?;
    }
    out.flush()
}
