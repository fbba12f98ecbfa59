//! How fast generated posts are compared, how many are found again, and what they cost in memory.
//! Time is that spent on a processor:
//! `cargo run --release -p entente-matching --example texts [posts]`.

mod measure;

use matching::sample;
use matching::text::{Fingerprint, Grain, Key, NearIndex, NearScratch, Neighbourhood};
use matching::text::{Selected, ShortIndex, Skeleton, Winnower};

use measure::processor_seconds;

fn main() {
    let count: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(200_000);
    let bank: Vec<String> = sample::posts(1).take(count).collect();
    let mut winnower = Winnower::new(Grain::POSTS);
    let mut index = NearIndex::new();
    let mut found = Vec::new();
    let start = processor_seconds();
    for (name, post) in (0..).zip(&bank) {
        winnow(&mut winnower, post, &mut found);
        index.insert(name, &found);
    }
    rate("posts added", count, processor_seconds() - start);
    println!(
        "{} fingerprints, {} bytes a post",
        index.fingerprints(),
        index.resident() / count.max(1)
    );
    let asked = || (0_u64..).zip(bank.iter().take(50_000));
    let search = |name: &str, texts: Vec<String>| search(&index, name, &texts);
    search(
        "unrelated",
        sample::posts(2).take(asked().count()).collect(),
    );
    search(
        "as they are",
        asked().map(|(_, post)| post.clone()).collect(),
    );
    let edited = |percent| asked().map(move |(seed, post)| sample::edited(post, percent, seed));
    search("15 % of words edited", edited(15).collect());
    search("30 % of words edited", edited(30).collect());
    let wrapped = |times| asked().map(move |(seed, post)| sample::wrapped(post, times, seed));
    search("in twice the text", wrapped(2).collect());
    search("in five times the text", wrapped(5).collect());
    let disguised = asked().map(|(seed, post)| sample::disguised(post, seed));
    search("disguised", disguised.collect());
    stream(&bank);
    short(&bank);
}

/// Searches for each text, whose name is its position; prints how many were found, alone or among
/// others, and the rate.
fn search(index: &NearIndex, name: &str, texts: &[String]) {
    let mut winnower = Winnower::new(Grain::POSTS);
    let mut scratch = NearScratch::default();
    let (mut found, mut right, mut wrong) = (Vec::new(), 0, 0);
    let start = processor_seconds();
    for (own, text) in (0..).zip(texts) {
        winnow(&mut winnower, text, &mut found);
        for near in index.search(&found, 1, &mut scratch) {
            *(if near.text == own {
                &mut right
            } else {
                &mut wrong
            }) += 1;
        }
    }
    rate(name, texts.len(), processor_seconds() - start);
    println!("    {right} found, {wrong} others");
}

fn winnow(winnower: &mut Winnower, text: &str, found: &mut Vec<Fingerprint>) {
    found.clear();
    let mut keep = |selected: &Selected<'_>| found.push(selected.fingerprint);
    winnower.feed(text.as_bytes(), &mut keep);
    winnower.finish(&mut keep);
}

/// Winnows everything as one document.
fn stream(bank: &[String]) {
    let mut winnower = Winnower::new(Grain::DOCUMENTS);
    let mut count = 0_usize;
    let start = processor_seconds();
    for post in bank {
        winnower.feed(post.as_bytes(), &mut |_| count += 1);
    }
    winnower.finish(&mut |_| count += 1);
    let bytes: usize = bank.iter().map(String::len).sum();
    rate("bytes winnowed", bytes, processor_seconds() - start);
}

/// Short texts by their keyed neighbourhoods.
#[expect(clippy::expect_used, reason = "a generated post has six letters")]
fn short(bank: &[String]) {
    let key = Key::new(b"a key for this example alone").expect("long enough");
    let short = |post: &String| post.split(' ').take(8).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = bank.iter().take(20_000).map(short).collect();
    let of = |text: &str| {
        let skeleton = Skeleton::of(text.as_bytes()).expect("six letters");
        Neighbourhood::of(&key, &skeleton)
    };
    let mut index = ShortIndex::new();
    let start = processor_seconds();
    for (name, text) in (0..).zip(&texts) {
        index.insert(name, &of(text));
    }
    rate(
        "short texts added",
        texts.len(),
        processor_seconds() - start,
    );
    println!("    {} bytes each", index.resident() / texts.len().max(1));
    let start = processor_seconds();
    let found = texts
        .iter()
        .filter(|text| !index.lookup(&of(text)).is_empty());
    let found = found.count();
    rate(
        "short texts looked up",
        texts.len(),
        processor_seconds() - start,
    );
    println!("    {found} found");
}

fn rate(what: &str, count: usize, seconds: f64) {
    #[expect(clippy::cast_precision_loss, reason = "figures to read")]
    let rate = count as f64 / seconds;
    println!("{what:<24} {rate:>12.0} /s");
}
