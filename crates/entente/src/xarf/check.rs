//! Whether a report is what the schemas of XARF v4 say.

use serde::Serialize;
use serde_json::{Map, Value};

use super::form::{among, comma};
use super::rule::{Also, Field, Form, Kind, Need, Rule};
use super::tables::{self, CORE, KINDS};

/// Faults that are told of one report.
const MOST: usize = 100;
/// Characters of what others wrote that are repeated.
const SHOWN: usize = 60;

/// What is wrong with a report, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// A JSON pointer (RFC 6901): of what is missing, where it would be.
    pub(crate) pointer: String,
    /// The keyword of the schema; `evidence` for what no schema says.
    pub(crate) rule: &'static str,
    /// What is wrong, and what to do.
    pub(crate) message: String,
}

/// What was found in a report.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What makes it invalid.
    pub(crate) faults: Vec<Fault>,
    /// What is recommended and is not there.
    pub(crate) hints: Vec<Fault>,
}

/// The category and type of a report that has a known one.
pub(super) fn kind_of(report: &Map<String, Value>) -> Option<&'static Kind> {
    let text = |name: &str| report.get(name).and_then(Value::as_str);
    let (category, name) = (text("category")?, text("type")?);
    KINDS
        .iter()
        .find(|kind| kind.category == category && kind.name == name)
}

/// Checks a report against the core schema and that of its type.
pub(super) fn check(report: &Value) -> Findings {
    let mut check = Check::default();
    match report {
        Value::Object(members) => check.report(members),
        other => check.fault(
            "type",
            format!("{}, and a report is an object", kind_words(other)),
        ),
    }
    check.found
}

#[derive(Default)]
struct Check {
    found: Findings,
    /// Where it looks, as a JSON pointer.
    place: String,
}

impl Check {
    fn report(&mut self, report: &Map<String, Value>) {
        let kind = kind_of(report);
        let of_kind = kind.map_or(&[][..], |kind| kind.fields);
        // What a type says of a member of the core is at least as narrow.
        let narrowed = |field: &&Field| !of_kind.iter().any(|other| other.name == field.name);
        self.members(report, CORE.iter().filter(narrowed));
        let Some(kind) = kind else {
            self.category(report);
            return;
        };
        self.members(report, tables::base(kind.category).iter());
        self.members(report, of_kind.iter());
        self.also(report, kind.also);
    }

    /// Why the category and the type are none.
    fn category(&mut self, report: &Map<String, Value>) {
        let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.category).collect();
        names.dedup();
        let category = self.word(report, "category", &names.join(" "));
        let types: Vec<&str> = KINDS
            .iter()
            .filter(|kind| category.is_none_or(|category| category == kind.category))
            .map(|kind| kind.name)
            .collect();
        self.word(report, "type", &types.join(" "));
    }

    /// A member that has to be one of these words.
    fn word<'r>(
        &mut self,
        report: &'r Map<String, Value>,
        name: &str,
        words: &str,
    ) -> Option<&'r str> {
        match report.get(name) {
            None => self.missing(name, &format!("one of {}", comma(words))),
            Some(value) => self.within(name, |check| check.value(value, &Rule::Text)),
        }
        let word = report.get(name).and_then(Value::as_str)?;
        if among(words, word) {
            return Some(word);
        }
        self.within(name, |check| check.no_word(word, words));
        None
    }

    fn members<'f>(
        &mut self,
        members: &Map<String, Value>,
        fields: impl Iterator<Item = &'f Field>,
    ) {
        for field in fields {
            match (members.get(field.name), field.need) {
                (Some(value), _) => {
                    self.within(field.name, |check| check.value(value, &field.rule));
                }
                (None, Need::Must) => self.missing(field.name, &field.rule.described()),
                (None, Need::Should) => {
                    let pointer = self.pointer(field.name);
                    let message = format!("recommended: {}", field.rule.described());
                    self.hint(pointer, message);
                }
                (None, Need::May) => {}
            }
        }
    }

    fn value(&mut self, value: &Value, rule: &Rule) {
        match (rule, value) {
            (Rule::Text, Value::String(_)) | (Rule::Flag, Value::Bool(_)) => {}
            (Rule::Short(most), Value::String(text)) => {
                let length = text.chars().count();
                if length > *most {
                    let words = format!("has {length} characters; at most {most} are allowed");
                    self.fault("maxLength", words);
                }
            }
            (Rule::Form(form), Value::String(text)) => self.form(text, *form),
            (Rule::Word(words), Value::String(text)) => {
                if !among(words, text) {
                    self.no_word(text, words);
                }
            }
            (Rule::Whole(least, most) | Rule::Number(least, most), Value::Number(number))
                if is_whole(number) || matches!(rule, Rule::Number(..)) =>
            {
                self.range(number.as_f64().unwrap_or(f64::NAN), *least, *most);
            }
            (Rule::Each(rule), Value::Array(items)) => self.items(items, rule),
            (Rule::List(rule, least, most), Value::Array(items)) => {
                self.count(items.len(), *least, *most);
                self.items(items, rule);
            }
            (Rule::Distinct(rule, most), Value::Array(items)) => {
                self.count(items.len(), 0, *most);
                let twice = (1..items.len()).find(|at| {
                    let (before, rest) = items.split_at_checked(*at).unwrap_or_default();
                    rest.first().is_some_and(|item| before.contains(item))
                });
                if let Some(at) = twice {
                    self.fault(
                        "uniqueItems",
                        format!("item {at} stands there before: leave it out"),
                    );
                }
                self.items(items, rule);
            }
            (Rule::Open(fields), Value::Object(members)) => self.members(members, fields.iter()),
            (Rule::Closed(fields), Value::Object(members)) => {
                self.members(members, fields.iter());
                let known = |name: &str| fields.iter().any(|field| field.name == name);
                for name in members.keys().filter(|name| !known(name)) {
                    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                    let words = format!("is not allowed here: there are {}", names.join(", "));
                    self.within(name, |check| check.fault("additionalProperties", words));
                }
            }
            (_, other) => {
                let words = format!("{}, and should be {}", kind_words(other), rule.described());
                self.fault("type", words);
            }
        }
    }

    fn form(&mut self, text: &str, form: Form) {
        if !form.fits(text) {
            let words = format!("'{}' is no {}", shown(text), form.described());
            let keyword = if matches!(form, Form::Ip) {
                "anyOf"
            } else {
                form.keyword()
            };
            self.fault(keyword, words);
        }
    }

    fn no_word(&mut self, text: &str, words: &str) {
        self.fault(
            "enum",
            format!("'{}' is none of {}", shown(text), comma(words)),
        );
    }

    fn range(&mut self, number: f64, least: f64, most: f64) {
        if number < least {
            self.fault(
                "minimum",
                format!("{number} is too small: the least is {least}"),
            );
        } else if number > most {
            self.fault(
                "maximum",
                format!("{number} is too large: the most is {most}"),
            );
        }
    }

    fn count(&mut self, items: usize, least: usize, most: usize) {
        if items < least {
            self.fault(
                "minItems",
                format!("has {items} items; at least {least} are needed"),
            );
        } else if items > most {
            self.fault(
                "maxItems",
                format!("has {items} items; at most {most} are allowed"),
            );
        }
    }

    fn items(&mut self, items: &[Value], rule: &Rule) {
        for (at, item) in items.iter().enumerate() {
            self.within(&at.to_string(), |check| check.value(item, rule));
        }
    }

    fn also(&mut self, report: &Map<String, Value>, also: Also) {
        let text = |name: &str| report.get(name).and_then(Value::as_str);
        let lacks = |name: &str| !report.contains_key(name);
        match also {
            Also::Nothing => {}
            Also::AddressHasPort => {
                let source = text("source_identifier");
                if source.is_none_or(|source| Form::Ip.fits(source)) && lacks("source_port") {
                    let why = "a number from 1 to 65535, since the source is an IP address, which many may share";
                    self.missing("source_port", why);
                }
            }
            Also::SmtpHasSender => {
                let by_smtp = report
                    .get("protocol")
                    .is_none_or(|protocol| protocol == "smtp");
                for name in ["smtp_from", "source_port"] {
                    if by_smtp && lacks(name) {
                        self.missing(name, "needed for what came by SMTP");
                    }
                }
            }
            Also::SwarmIsNamed => {
                let swarm = report.get("swarm_info");
                let named = match swarm {
                    Some(Value::Object(swarm)) => {
                        swarm.contains_key("info_hash") || swarm.contains_key("magnet_uri")
                    }
                    other => other.is_some(),
                };
                if swarm.is_none() {
                    self.missing("swarm_info", "an object with info_hash or magnet_uri");
                } else if !named {
                    let words = "give it, or magnet_uri: one of them names the swarm";
                    self.within("swarm_info", |check| check.missing("info_hash", words));
                }
            }
            Also::MessageIsNamed => match report.get("message_info") {
                None => self.missing("message_info", "an object with message_id"),
                Some(Value::Object(message)) if !message.contains_key("message_id") => {
                    let words = "text: it names the message";
                    self.within("message_info", |check| check.missing("message_id", words));
                }
                Some(_) => {}
            },
        }
    }

    fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        let outer = self.place.len();
        self.place = self.pointer(name);
        look(self);
        self.place.truncate(outer);
    }

    fn pointer(&self, name: &str) -> String {
        let mut pointer = self.place.clone();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        pointer
    }

    fn missing(&mut self, name: &str, what: &str) {
        let pointer = self.pointer(name);

        let message = format!("is missing: {what}");
        self.tell(pointer, "required", message);
    }

    fn fault(&mut self, rule: &'static str, message: String) {
        self.tell(self.place.clone(), rule, message);
    }

    fn tell(&mut self, pointer: String, rule: &'static str, message: String) {
        let fault = Fault {
            pointer,
            rule,
            message,
        };
        if self.found.faults.len() < MOST && !self.found.faults.contains(&fault) {
            self.found.faults.push(fault);
        }
    }

    fn hint(&mut self, pointer: String, message: String) {
        let rule = "recommended";
        if self.found.hints.len() < MOST {
            self.found.hints.push(Fault {
                pointer,
                rule,
                message,
            });
        }
    }
}

impl Rule {
    /// What a value should be.
    fn described(&self) -> String {
        match self {
            Rule::Text => "text".into(),
            Rule::Short(most) => format!("text of at most {most} characters"),
            Rule::Form(form) => format!("a text: {}", form.described()),
            Rule::Word(words) => format!("one of {}", comma(words)),
            Rule::Whole(least, most) => format!("a whole number{}", range_words(*least, *most)),
            Rule::Number(least, most) => format!("a number{}", range_words(*least, *most)),
            Rule::Flag => "true or false".into(),
            Rule::Each(_) | Rule::List(..) | Rule::Distinct(..) => "a list".into(),
            Rule::Open(_) | Rule::Closed(_) => "an object".into(),
        }
    }
}

fn range_words(least: f64, most: f64) -> String {
    match (least > f64::MIN, most < f64::MAX) {
        (true, true) => format!(" from {least} to {most}"),
        (true, false) => format!(" from {least} on"),
        (false, _) => String::new(),
    }
}

/// A number without a fraction, however it is written.
fn is_whole(number: &serde_json::Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|f| f.fract() == 0.0)
}

fn kind_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "it is null",
        Value::Bool(_) => "it is true or false",
        Value::Number(_) => "it is a number",
        Value::String(_) => "it is a text",
        Value::Array(_) => "it is a list",
        Value::Object(_) => "it is an object",
    }
}

/// The beginning of what others wrote.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
