//! What every page has around its content.

use jiff::civil::Date;
use node::pledge::Pledge;

use super::text::long_date;

/// The frame of a page: who looks, at which pledge, as of which day.
#[derive(Clone, Debug)]
pub(crate) struct Site<'a> {
    /// The pledge this node runs on.
    pub(crate) pledge: &'a Pledge,
    /// Today, in UTC.
    pub(crate) today: Date,
    /// The day shown: today, or the day that `as-of` names.
    pub(crate) day: Date,
    /// Who is signed in: the name of the account's party.
    pub(crate) viewer: Option<&'a str>,
    /// The entry of the navigation that is current.
    pub(crate) here: Here,
}

/// The entries of the navigation.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    /// `/`
    Home,
    /// `/register`
    Register,
    /// `/account`
    Account,
    /// `/pledge`
    Pledge,
    /// `/collections`
    Collections,
    /// `/requests`
    Requests,
    /// `/match`
    Match,
    /// `/sign-in`
    SignIn,
    /// A page that is not in the navigation.
    Elsewhere,
}

/// A day that a reader may want to look at.
#[derive(Clone, Debug)]
pub(crate) struct DayLink {
    pub(crate) day: Date,
    pub(crate) label: String,
    pub(crate) current: bool,
}

impl Site<'_> {
    /// Whether the day shown is not today.
    pub(crate) fn is_past(&self) -> bool {
        self.day != self.today
    }

    /// The day shown in words.
    pub(crate) fn long_day(&self) -> String {
        long_date(self.day)
    }

    /// `?as-of=2018-11-12` when the day shown is not today, for links that stay on that day.
    pub(crate) fn keep_day(&self) -> String {
        if self.is_past() {
            format!("?as-of={}", self.day)
        } else {
            String::new()
        }
    }

    /// The same, to follow other parameters.
    pub(crate) fn and_day(&self) -> String {
        if self.is_past() {
            format!("&as-of={}", self.day)
        } else {
            String::new()
        }
    }

    /// Days worth a look: the day of adoption, the anniversaries of the first years, today.
    pub(crate) fn days(&self) -> Vec<DayLink> {
        let adopted = self.pledge.adopted;
        let link = |day: Date, label: String| DayLink {
            day,
            label,
            current: day == self.day,
        };
        let mut days = vec![link(adopted, "Launch day".to_owned())];
        for (years, label) in [(1, "One year on"), (3, "Three years on")] {
            let day = adopted.saturating_add(jiff::Span::new().years(years));
            if day < self.today {
                days.push(link(day, label.to_owned()));
            }
        }
        days.push(link(self.today, "Today".to_owned()));
        days
    }

    /// Whether this entry of the navigation is current.
    pub(crate) fn current(&self, here: Here) -> bool {
        self.here == here
    }
}
