//! What the schemas of XARF v4 are made of.

/// A member of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) need: Need,
}

/// Whether a member has to be there.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// `required`.
    Must,
    /// `x-recommended`.
    Should,
    May,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Rule {
    /// Any text.
    Text,
    /// A text of at most so many characters.
    Short(usize),
    /// A text of a form.
    Form(Form),
    /// One of these words, which have spaces between.
    Word(&'static str),
    /// A number without a fraction, from, to.
    Whole(f64, f64),
    /// A number, from, to.
    Number(f64, f64),
    Flag,
    /// A list of any length.
    Each(&'static Rule),
    /// A list of at least and at most so many.
    List(&'static Rule, usize, usize),
    /// A list of at most so many, each once.
    Distinct(&'static Rule, usize),
    /// An object that may have other members too.
    Open(&'static [Field]),
    /// An object that has no others.
    Closed(&'static [Field]),
}

/// What a text looks like: a pattern or a `format` of the schemas.
#[derive(Copy, Clone, Debug)]
pub(super) enum Form {
    /// RFC 5321, section 4.1.2.
    Email,
    /// RFC 1123, section 2.1.
    Hostname,
    /// RFC 4122, section 3.
    Uuid,
    /// RFC 3339, section 5.6.
    DateTime,
    /// As [`Form::DateTime`], `full-date`.
    Date,
    /// RFC 3986.
    Uri,
    /// An address of either kind.
    Ip,
    Ipv4,
    Ipv6,
    /// `4.`, a number, a point, a number.
    Version,
    /// `namespace:predicate`.
    Tag,
    /// One of these names of algorithms, a colon, hexadecimal digits.
    Digest(&'static str),
    /// So many hexadecimal digits.
    Hex(usize),
    /// So many capitals.
    Capitals(usize),
    /// `CVE-`, a year, and a number of so many digits or more.
    Cve(usize),
    /// A domain's name in lower case.
    Domain,
    /// Two small letters, and perhaps a hyphen and two capitals.
    Language,
    /// Begins with one of these.
    Begins(&'static str),
}

pub(super) const PORT: Rule = Rule::Whole(1.0, 65535.0);
/// From 0.
pub(super) const COUNT: Rule = Rule::Whole(0.0, f64::MAX);
/// From 1.
pub(super) const POSITIVE: Rule = Rule::Whole(1.0, f64::MAX);
pub(super) const WHOLE: Rule = Rule::Whole(f64::MIN, f64::MAX);

pub(super) const fn must(name: &'static str, rule: Rule) -> Field {
    let need = Need::Must;
    Field { name, rule, need }
}

pub(super) const fn hint(name: &'static str, rule: Rule) -> Field {
    let need = Need::Should;
    Field { name, rule, need }
}

pub(super) const fn may(name: &'static str, rule: Rule) -> Field {
    let need = Need::May;
    Field { name, rule, need }
}

/// A category with a type, and what a report of it has besides the core.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) category: &'static str,
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) also: Also,
}

impl Kind {
    pub(super) const fn also(mut self, also: Also) -> Self {
        self.also = also;
        self
    }
}

/// What no single member says.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Also {
    Nothing,
    /// Where the source is an IP address, or not said: its port (many are behind one address).
    AddressHasPort,
    /// What came by SMTP: `smtp_from`, `source_port`.
    SmtpHasSender,
    /// `swarm_info` with `info_hash` or `magnet_uri`.
    SwarmIsNamed,
    /// `message_info` with `message_id`.
    MessageIsNamed,
}
