//! rstix in a loop: `rstix-peer PATTERNS OBSERVED OBSERVATIONS` evaluates every pattern (one a line)
//! on each of the first bundles (one a line) and prints JSON: pairs a second of processor time,
//! pairs that match, patterns that do not parse, pairs that end in an error, resident MiB.

use std::fs;
use std::hint::black_box;

use rstix::model::sdo::ObservedData;
use rstix::pattern::Pattern;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [patterns, observed, count] = arguments.as_slice() else {
        return Err("rstix-peer PATTERNS OBSERVED OBSERVATIONS".into());
    };
    let patterns = fs::read_to_string(patterns)?;
    let parsed: Vec<_> = patterns.lines().map(Pattern::parse).collect();
    let all = parsed.len();
    let patterns: Vec<Pattern> = parsed.into_iter().flatten().collect();
    let lines = fs::read_to_string(observed)?;
    let lines: Vec<&str> = lines.lines().take(count.parse()?).collect();
    let (mut matched, mut failed) = (Vec::new(), 0_u64);
    let start = processor_seconds()?;
    for (number, line) in lines.iter().enumerate() {
        let bundle = rstix::parse_bundle(line)?;
        for observed in bundle.objects_of_type::<ObservedData>() {
            for (at, pattern) in patterns.iter().enumerate() {
                match black_box(pattern.evaluate_observed_data(observed, &bundle)) {
                    Ok(true) => matched.push((number, at)),
                    Ok(false) => {}
                    Err(_) => failed += 1,
                }
            }
        }
    }
    let seconds = processor_seconds()? - start;
    let pairs = lines.len() * patterns.len();
    let unread = all - patterns.len();
    let rate = pairs as f64 / seconds;
    println!(
        r#"{{"rate": {rate}, "matched": {}, "unread": {unread}, "failed": {failed}}}"#,
        matched.len()
    );
    Ok(())
}

/// What this thread has spent on a processor.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse::<f64>()? / 1e9)
}
