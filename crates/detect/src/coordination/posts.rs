//! Posts as rows of numbers, sorted by what they share and when.

use std::fmt;

use thiserror::Error;

use super::names::Names;

/// There are more different names than numbers of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there are more than 4,294,967,294 different accounts, objects or posts")]
pub struct Full;

/// What accounts have in common when they share the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Whatever the data call an object.
    Object,
    /// A link.
    Url,
    /// Another post, passed on.
    Repost,
    /// A hashtag.
    Hashtag,
    /// The text of a post, to the letter.
    Text,
    /// The skeleton of a text: see [`matching::text::Skeleton`].
    NearText,
}

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 6] = [
        Self::Object,
        Self::Url,
        Self::Repost,
        Self::Hashtag,
        Self::Text,
        Self::NearText,
    ];

    /// Its name on the command line and in findings.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Object => "object",
            Layer::Url => "url",
            Layer::Repost => "repost",
            Layer::Hashtag => "hashtag",
            Layer::Text => "text",
            Layer::NearText => "near-text",
        }
    }

    /// What its objects are called.
    pub fn things(self) -> &'static str {
        match self {
            Layer::Object => "objects",
            Layer::Url => "links",
            Layer::Repost => "posts",
            Layer::Hashtag => "hashtags",
            Layer::Text => "texts",
            Layer::NearText => "nearly equal texts",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One account sharing one object at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) object: u32,
    pub(super) account: u32,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    /// The post, where posts are told apart, by a number that depends on the order of rows; else 0.
    pub(super) content: u32,
    /// Whether the post is what is shared.
    pub(super) is_itself: bool,
}

/// The rows of a layer, in the making.
#[derive(Debug)]
struct Making {
    layer: Layer,
    objects: Names,
    rows: Vec<Row>,
}

/// Collects posts: 24 bytes a row, and each different name once.
#[derive(Debug, Default)]
pub struct Posts {
    accounts: Names,
    /// Where posts are told apart.
    contents: Option<Names>,
    layers: Vec<Making>,
}

impl Posts {
    /// Collects what the null model needs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Collects also which post each row is of, which `CooRTweet` and the toolkit count by.
    pub fn with_contents() -> Self {
        Self {
            contents: Some(Names::default()),
            ..Self::default()
        }
    }

    /// Whether it is told apart which post each row is of.
    pub fn has_contents(&self) -> bool {
        self.contents.is_some()
    }

    /// Adds a row: an account shared an object in a post, at `time` in milliseconds since 1970.
    ///
    /// # Errors
    /// When there are too many names; nothing is added then.
    pub fn add(
        &mut self,
        layer: Layer,
        object: &[u8],
        account: &[u8],
        content: &[u8],
        time: i64,
    ) -> Result<(), Full> {
        let account = self.accounts.number(account)?;
        let is_itself = self.contents.is_some() && object == content;
        let content = match &mut self.contents {
            Some(contents) => contents.number(content)?,
            None => 0,
        };
        let known = self.layers.iter().position(|making| making.layer == layer);
        let at = known.unwrap_or_else(|| {
            self.layers.push(Making {
                layer,
                objects: Names::default(),
                rows: Vec::new(),
            });
            self.layers.len() - 1
        });
        if let Some(making) = self.layers.get_mut(at) {
            let object = making.objects.number(object)?;
            making.rows.push(Row {
                object,
                account,
                time,
                content,
                is_itself,
            });
        }
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.layers.iter().map(|making| making.rows.len()).sum()
    }

    /// Different accounts so far.
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Sorts what was collected. The same rows in another order give the same.
    pub fn sorted(self) -> Sorted {
        let (accounts, new_account) = self.accounts.in_order();
        let mut layers: Vec<Shares> = Vec::new();
        for Making {
            layer,
            objects,
            mut rows,
        } in self.layers
        {
            let (objects, new_object) = objects.in_order();
            for row in &mut rows {
                row.object = renumbered(&new_object, row.object);
                row.account = renumbered(&new_account, row.account);
            }
            rows.sort_unstable_by_key(|row| (row.object, row.time, row.account, row.content));
            rows.shrink_to_fit();
            layers.push(Shares {
                layer,
                objects,
                rows,
            });
        }
        layers.sort_by_key(|shares| shares.layer);
        Sorted { accounts, layers }
    }
}

fn renumbered(new: &[u32], old: u32) -> u32 {
    new.get(old as usize).copied().unwrap_or_default()
}

/// The rows of a layer, sorted by object, time, account and content.
#[derive(Debug)]
pub(super) struct Shares {
    pub(super) layer: Layer,
    pub(super) objects: Names,
    pub(super) rows: Vec<Row>,
}

/// Posts, sorted.
#[derive(Debug)]
pub struct Sorted {
    pub(super) accounts: Names,
    pub(super) layers: Vec<Shares>,
}

impl Sorted {
    /// How many accounts there are.
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// The layers there are.
    pub fn layers(&self) -> impl Iterator<Item = Layer> {
        self.layers.iter().map(|shares| shares.layer)
    }

    /// How many rows there are, of all layers.
    pub fn rows(&self) -> usize {
        self.layers.iter().map(|shares| shares.rows.len()).sum()
    }

    /// The name of an account.
    pub fn account(&self, number: u32) -> String {
        String::from_utf8_lossy(self.accounts.name(number)).into_owned()
    }

    /// The name of an object of a layer.
    pub fn object(&self, layer: Layer, number: u32) -> String {
        let shares = self.layers.iter().find(|shares| shares.layer == layer);
        let name = shares.map(|shares| shares.objects.name(number));
        String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
    }

    /// When the first and the last row are, in milliseconds since 1970.
    pub fn span(&self) -> Option<(i64, i64)> {
        let times = || {
            self.layers
                .iter()
                .flat_map(|shares| shares.rows.iter().map(|row| row.time))
        };
        times().min().zip(times().max())
    }
}
