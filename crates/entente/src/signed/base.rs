//! The signature base (RFC 9421 §2.5): what of a request is signed, as text.

use std::fmt::Write as _;

use axum::http::{HeaderMap, Method, Uri};
use sfv::{FieldType as _, InnerList, ListEntry};

/// What of a request a signature may cover.
#[derive(Debug)]
pub(crate) struct Message<'m> {
    pub(crate) method: &'m Method,
    /// Its path and query; the rest is not looked at.
    pub(crate) target: &'m Uri,
    /// `http` or `https`, as the client sees it.
    pub(crate) scheme: &'m str,
    /// Host and port as the client names them.
    pub(crate) authority: &'m str,
    pub(crate) headers: &'m HeaderMap,
}

impl Message<'_> {
    /// The value of a component without parameters (§2.1, §2.2).
    ///
    /// # Errors
    /// That there is none.
    fn component(&self, name: &str) -> Result<String, String> {
        let path = match self.target.path() {
            "" => "/",
            path => path,
        };
        let query = self.target.query();
        let asked = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(match name {
            "@method" => self.method.as_str().to_owned(),
            "@authority" => self.normal_authority(),
            "@scheme" => self.scheme.to_ascii_lowercase(),
            "@path" => path.to_owned(),
            "@query" => format!("?{}", query.unwrap_or_default()),
            "@request-target" => format!("{path}{asked}"),
            "@target-uri" => {
                let (scheme, authority) = (self.scheme, self.normal_authority());
                format!("{scheme}://{authority}{path}{asked}")
            }
            field if !field.starts_with('@') => self.field(field)?,
            other => return Err(format!("'{other}' is not covered here")),
        })
    }

    /// In lower case, without the scheme's own port (§2.2.3).
    fn normal_authority(&self) -> String {
        let authority = self.authority.to_ascii_lowercase();
        let port = if self.scheme.eq_ignore_ascii_case("https") {
            ":443"
        } else {
            ":80"
        };
        match authority.strip_suffix(port) {
            Some(bare) => bare.to_owned(),
            None => authority,
        }
    }

    /// The lines of a header, trimmed and joined (§2.1).
    fn field(&self, name: &str) -> Result<String, String> {
        let lines = self.headers.get_all(name).into_iter();
        let lines = lines.map(|line| line.to_str().map(str::trim));
        let lines: Vec<&str> = lines
            .collect::<Result<_, _>>()
            .map_err(|_| format!("the header '{name}' has characters that are not ASCII"))?;
        if lines.is_empty() {
            return Err(format!("the header '{name}' is covered, and missing"));
        }
        Ok(lines.join(", "))
    }

    /// The base for these parameters.
    ///
    /// # Errors
    /// That a component is unknown or missing.
    pub(super) fn base(&self, covered: &InnerList) -> Result<String, String> {
        let mut base = String::new();
        for item in &covered.items {
            let name = item
                .bare_item
                .as_string()
                .ok_or("a component is no string")?;
            if !item.params.is_empty() {
                return Err(format!("'{name}' has parameters, which are not taken here"));
            }
            let name = name.as_str();
            let value = self.component(name)?;
            // Writing into a string cannot fail.
            let _ = writeln!(base, "\"{name}\": {value}");
        }
        let _ = write!(base, "\"@signature-params\": {}", written(covered)?);
        Ok(base)
    }
}

/// An inner list as it is written (RFC 9651 §4.1.1.1), its parameters in their order.
pub(super) fn written(covered: &InnerList) -> Result<String, String> {
    let list = vec![ListEntry::InnerList(covered.clone())];
    list.serialize()
        .ok_or_else(|| "nothing is covered".to_owned())
}
