//! Minutes as people read them.

/// `40 min`, `3 h 20 min`, `4 days 2 h`.
pub(crate) fn words(minutes: u32) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let day = if days == 1 { "day" } else { "days" };
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, rest) => format!("{hours} h {rest} min"),
        (days, 0, _) => format!("{days} {day}"),
        (days, hours, _) => format!("{days} {day} {hours} h"),
    }
}

/// A part of a whole: as a count where there are few, and beside it in per cent where there are more.
pub(crate) fn share(part: i64, whole: i64) -> String {
    if whole < 5 {
        return format!("{part} of {whole}");
    }
    format!("{} %", (part * 100 + whole / 2) / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_read_as_words() {
        let all = [0, 59, 60, 200, 1440, 1500, 5880].map(words);
        let wanted = [
            "0 min",
            "59 min",
            "1 h",
            "3 h 20 min",
            "1 day",
            "1 day 1 h",
            "4 days 2 h",
        ];
        assert_eq!(all, wanted);
    }

    #[test]
    fn of_few_no_per_cent_are_told() {
        let all = [share(0, 0), share(3, 4), share(3, 5), share(2, 3000)];
        assert_eq!(all, ["0 of 0", "3 of 4", "60 %", "0 %"]);
    }
}
