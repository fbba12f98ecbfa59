//! Closed sets of words.

/// A closed set of words: an enum with its slug and its plain name.
macro_rules! words {
    (
        $(#[$meta:meta])* $name:ident, $what:literal;
        $( $(#[$variant_meta:meta])* $variant:ident = $slug:literal, $label:literal; )+
    ) => {
        $(#[$meta])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// Every value, in the order in which they are shown.
            pub const ALL: &[$name] = &[$( $name::$variant, )+];

            /// The slug used in files, URLs and on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $( $name::$variant => $slug, )+ }
            }

            /// The name people read.
            pub fn label(self) -> &'static str {
                match self { $( $name::$variant => $label, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    let all: Vec<&str> = Self::ALL.iter().map(|word| word.as_str()).collect();
                    format!("'{text}' is no {}: use one of {}", $what, all.join(", "))
                })
            }
        }
    };
}
pub(crate) use words;
