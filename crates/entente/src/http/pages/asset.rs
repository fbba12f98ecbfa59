//! The files that pages load, compiled in: one style sheet, one icon, one script.

/// The style sheet.
pub(crate) const STYLE: &str = concat!(
    include_str!("../../../assets/colours.css"),
    include_str!("../../../assets/entente.css"),
    include_str!("../../../assets/chart.css")
);
/// The style of a chart that is a file of its own.
pub(crate) const CHART_STYLE: &str = concat!(
    include_str!("../../../assets/colours.css"),
    include_str!("../../../assets/chart_alone.css"),
    include_str!("../../../assets/chart.css")
);
/// The script of the page that checks receipts.
pub(crate) const VERIFY: &str = include_str!("../../../assets/verify.js");
/// The icon, an SVG.
pub(crate) const ICON: &str = include_str!("../../../assets/entente.svg");
/// Where the icon is served.
pub(crate) const ICON_PATH: &str = "/assets/entente.svg";
/// Where the style sheet is served, without its version.
pub(crate) const STYLE_PATH: &str = "/assets/entente.css";

/// Where the script is served, without its version.
pub(crate) const VERIFY_PATH: &str = "/assets/verify.js";

/// FNV-1a of a file: its version in the address, so that it can be cached for good.
pub(crate) const fn version(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let Some((byte, tail)) = rest.split_first() {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}

/// The version of what pages look like.
pub(crate) const STYLE_VERSION: u64 = version(STYLE.as_bytes());
const VERIFY_VERSION: u64 = version(VERIFY.as_bytes());

/// The style sheet's address with its version.
pub(crate) fn style_path() -> String {
    format!("{STYLE_PATH}?v={STYLE_VERSION:016x}")
}

/// The script's address with its version.
pub(crate) fn verify_path() -> String {
    format!("{VERIFY_PATH}?v={VERIFY_VERSION:016x}")
}
