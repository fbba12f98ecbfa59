//! The files that pages load: one style sheet and one icon, compiled in.

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("../../../assets/entente.css");
/// The icon, an SVG.
pub(crate) const ICON: &str = include_str!("../../../assets/entente.svg");
/// Where the icon is served.
pub(crate) const ICON_PATH: &str = "/assets/entente.svg";
/// Where the style sheet is served, without its version.
pub(crate) const STYLE_PATH: &str = "/assets/entente.css";

/// FNV-1a of the style sheet: its version in the address, so that it can be cached for good.
const VERSION: u64 = {
    let bytes = STYLE.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let Some((byte, tail)) = rest.split_first() {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
};

/// The style sheet's address with its version.
pub(crate) fn style_path() -> String {
    format!("{STYLE_PATH}?v={VERSION:016x}")
}
