//! Networks as GraphML (Brandes and others, 2002), which networkx, Gephi and igraph read.

use std::fmt::Write as _;

use detect::coordination::{Coortweet, Directed, Sorted};

use super::Findings;

/// A document in the making. Writing to a String cannot fail.
struct Document(String);

impl Document {
    /// `keys` are (name, node or edge, type).
    fn new(is_directed: bool, keys: &[(&str, &str, &str)]) -> Self {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
        );
        for (name, of, kind) in keys {
            let _ = writeln!(
                text,
                "<key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
            );
        }
        let direction = if is_directed {
            "directed"
        } else {
            "undirected"
        };
        let _ = writeln!(text, "<graph edgedefault=\"{direction}\">");
        Self(text)
    }

    fn node(&mut self, number: u32, data: &[(&str, String)]) {
        let _ = write!(self.0, "<node id=\"n{number}\">");
        self.data(data);
        self.0.push_str("</node>\n");
    }

    fn edge(&mut self, from: u32, to: u32, data: &[(&str, String)]) {
        let _ = write!(self.0, "<edge source=\"n{from}\" target=\"n{to}\">");
        self.data(data);
        self.0.push_str("</edge>\n");
    }

    fn data(&mut self, data: &[(&str, String)]) {
        for (key, value) in data {
            let _ = write!(self.0, "<data key=\"{key}\">{}</data>", escaped(value));
        }
    }

    fn end(mut self) -> String {
        self.0.push_str("</graph>\n</graphml>\n");
        self.0
    }
}

/// Text for XML 1.0: characters that it cannot hold are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => safe.push(other),
        }
    }
    safe
}

/// The groups: an edge for each pair, layer and window.
pub(super) fn groups(findings: &Findings) -> String {
    let keys = [
        ("label", "node", "string"),
        ("group", "node", "int"),
        ("layer", "edge", "string"),
        ("window", "edge", "double"),
        ("weight", "edge", "int"),
        ("both", "edge", "int"),
        ("met", "edge", "int"),
        ("hours", "edge", "int"),
        ("by_chance", "edge", "double"),
        ("by_taste", "edge", "double"),
        ("p_chance", "edge", "double"),
        ("p_taste", "edge", "double"),
        ("q", "edge", "double"),
    ];
    let mut document = Document::new(false, &keys);
    for (number, group) in (1..).zip(&findings.groups) {
        for account in &group.accounts {
            let label = findings.sorted.account(*account);
            document.node(
                *account,
                &[("label", label), ("group", i32::to_string(&number))],
            );
        }
    }
    for pair in findings.groups.iter().flat_map(|group| &group.pairs) {
        let data = [
            ("layer", pair.layer.to_string()),
            ("window", (pair.window as f64 / 1000.0).to_string()),
            ("weight", pair.shared.to_string()),
            ("both", pair.both.to_string()),
            ("met", pair.met.to_string()),
            ("hours", pair.hours.to_string()),
            ("by_chance", pair.by_chance.to_string()),
            ("by_taste", pair.by_taste.to_string()),
            ("p_chance", pair.p_chance.to_string()),
            ("p_taste", pair.p_taste.to_string()),
            ("q", pair.q.to_string()),
        ];
        document.edge(pair.one, pair.other, &data);
    }
    document.end()
}

pub(super) fn weighted(sorted: &Sorted, found: &Coortweet) -> String {
    let keys = [
        ("label", "node", "string"),
        ("weight", "edge", "int"),
        ("strong", "edge", "boolean"),
    ];
    let mut document = Document::new(false, &keys);
    nodes(
        sorted,
        found.edges.iter().flat_map(|edge| [edge.one, edge.other]),
        &mut document,
    );
    for edge in &found.edges {
        let data = [
            ("weight", edge.weight.to_string()),
            ("strong", edge.is_strong.to_string()),
        ];
        document.edge(edge.one, edge.other, &data);
    }
    document.end()
}

pub(super) fn directed(sorted: &Sorted, edges: &[Directed]) -> String {
    let keys = [("label", "node", "string"), ("weight", "edge", "int")];
    let mut document = Document::new(true, &keys);
    nodes(
        sorted,
        edges.iter().flat_map(|edge| [edge.from, edge.to]),
        &mut document,
    );
    for edge in edges {
        document.edge(edge.from, edge.to, &[("weight", edge.weight.to_string())]);
    }
    document.end()
}

fn nodes(sorted: &Sorted, accounts: impl Iterator<Item = u32>, document: &mut Document) {
    let accounts: std::collections::BTreeSet<u32> = accounts.collect();
    for account in accounts {
        document.node(account, &[("label", sorted.account(account))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_the_document() {
        assert_eq!(
            escaped("<a> & \"b\"\u{1}\n\u{ffff}é"),
            "&lt;a&gt; &amp; &quot;b&quot; é"
        );
    }
}
