use std::fmt;

/// Why something was refused: where, what, and by which section of STIX 2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// RFC 6901 JSON pointer to the value; empty for the object as a whole. For a property that is
    /// missing it points to where the property would stand.
    pub pointer: String,
    /// One sentence for a person.
    pub message: String,
    /// The section that asks for it, such as `3.2`; none for plain JSON errors.
    pub section: Option<&'static str>,
    /// The name of the check when it is a recommendation that can be switched off, such as
    /// `relationship-types` ([`crate::verdict::Check`]).
    pub check: Option<&'static str>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)?;
        match self.section {
            Some(section) => write!(f, " (STIX 2.1 section {section})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Reason {}
