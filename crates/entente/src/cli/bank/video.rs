//! The frames of a video, as `ffmpeg` decodes them: one a second, hashed, each picture once.

use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use matching::pdq::{Hasher, LOW_QUALITY, NEAR, Pdq, Pixels};

use crate::cli::output::plain;
use crate::cli::{Exit, Failure};

/// Pixels of a side of a frame. PDQ makes 64 by 64 of it, whatever the shape.
const SIDE: usize = 512;
/// Frames of a video that are looked at: two hours of one a second.
const MOST: u64 = 7200;
/// Octets of what ffmpeg says that are shown.
const SAID: u64 = 400;

/// The hashes of a video's frames that are good enough to match, without those near one before.
///
/// # Errors
/// When ffmpeg is not there or cannot read the file, or no frame is good enough.
pub(super) fn frames(path: &Path) -> anyhow::Result<Vec<Pdq>> {
    let name = plain(&path.display().to_string()).into_owned();
    let filter = format!("fps=1,scale={SIDE}:{SIDE}");
    let mut child = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-protocol_whitelist",
            "file",
            "-i",
        ])
        .arg(path)
        .args(["-an", "-sn", "-vf", &filter, "-frames:v", &MOST.to_string()])
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::new(
                Exit::Local,
                format!(
                    "{name} is a video: reading it needs the program ffmpeg, which is not there"
                ),
            )
            .into(),
            _ => anyhow::Error::from(error).context("ffmpeg cannot be started"),
        })?;
    let (Some(mut stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("ffmpeg gives nothing");
    };
    // Read beside the frames, so that neither side waits for the other.
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read is not shown.
        let _ = stderr.take(1 << 20).read_to_end(&mut said);
        said.truncate(usize::try_from(SAID).unwrap_or_default());
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut hasher = Hasher::new();
    let mut kept: Vec<Pdq> = Vec::new();
    let mut frame = vec![0; SIDE * SIDE * 3];
    let mut seen = 0_u64;
    loop {
        match stdout.read_exact(&mut frame) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error).with_context(|| name.clone()),
        }
        seen += 1;
        let hashed = hasher.hash(&Pixels::rgb(&frame, SIDE, SIDE)?)?;
        let is_new = kept.iter().all(|other| other.distance(&hashed.hash) > NEAR);
        if hashed.quality >= LOW_QUALITY && is_new {
            kept.push(hashed.hash);
        }
    }
    let status = child.wait()?;
    let said = said.join().unwrap_or_default();
    if !status.success() {
        bail!("{name}: ffmpeg cannot read it: {}", plain(said.trim()));
    }
    if kept.is_empty() {
        bail!("{name}: none of its {seen} frames is good enough to be matched");
    }
    Ok(kept)
}

/// Whether a file begins as a video does: MP4 and MOV, Matroska and `WebM`, AVI, FLV, MPEG.
pub(super) fn begins_as_video(head: &[u8]) -> bool {
    let at =
        |place: usize, mark: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(mark));
    at(4, b"ftyp")
        || at(0, b"\x1a\x45\xdf\xa3")
        || at(0, b"RIFF") && at(8, b"AVI ")
        || at(0, b"FLV\x01")
        || at(0, b"\x00\x00\x01\xba")
}
