//! JSON objects out of a stream: one a line, as archives have them; one over many lines, as people
//! look at them; or the elements of an array.

use std::io::{self, BufRead, Read as _};

/// Octets of the longest object. Probes cut what they send at a few megabytes.
pub(crate) const LONGEST: usize = 32 << 20;

/// What stands next in a stream.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An object, or what should be one: its octets were put into the buffer.
    Json,
    /// It is longer than 32 MiB and was skipped.
    TooLong,
    /// The stream is a YAML report, as the first probes wrote: it is not read on.
    Yaml,
}

/// The objects of a stream.
#[derive(Debug)]
pub struct Records<R> {
    stream: R,
    form: Form,
    line: u64,
    longest: usize,
}

/// How objects stand in a stream.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Not known yet.
    Start,
    /// One a line.
    Lines,
    /// Wherever brackets close.
    Whole,
    End,
}

impl<R: BufRead> Records<R> {
    /// The objects of a stream.
    pub fn new(stream: R) -> Self {
        Records {
            stream,
            form: Form::Start,
            line: 0,
            longest: LONGEST,
        }
    }

    /// Appends the next object to a buffer; gives what it is and the line that it begins on, from
    /// 1. None at the end.
    ///
    /// # Errors
    /// When the stream breaks.
    pub fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<(Record, u64)>> {
        if self.form == Form::Start {
            self.line = 1;
            match self.skip_space(b"\xef\xbb\xbf")? {
                None => self.form = Form::End,
                Some(b'[') => self.form = Form::Whole,
                Some(b'-') => {
                    self.form = Form::End;
                    return Ok(Some((Record::Yaml, self.line)));
                }
                Some(_) => return self.first_line(buffer).map(Some),
            }
        }
        match self.form {
            Form::Lines => self.next_line(buffer),
            Form::Whole => self.next_whole(buffer),
            Form::Start | Form::End => Ok(None),
        }
    }

    /// The first line tells whether each line is an object.
    fn first_line(&mut self, buffer: &mut Vec<u8>) -> io::Result<(Record, u64)> {
        let start = buffer.len();
        let line = self.line;
        let record = self.read_line(buffer)?;
        let first = buffer.get(start..).unwrap_or_default();
        let mut brackets = Brackets::default();
        for octet in first {
            brackets.see(*octet);
        }
        let goes_on = record == Record::Json && first.starts_with(b"{") && brackets.depth > 0;
        if !goes_on || self.next_line_is_an_object()? {
            self.form = Form::Lines;
            return Ok((record, line));
        }
        self.form = Form::Whole;
        buffer.push(b'\n');
        self.rest_of_whole(buffer, start, brackets)
            .map(|record| (record, line))
    }

    fn next_line_is_an_object(&mut self) -> io::Result<bool> {
        Ok(self.stream.fill_buf()?.starts_with(b"{"))
    }

    fn next_line(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<(Record, u64)>> {
        loop {
            let (start, line) = (buffer.len(), self.line);
            if self.stream.fill_buf()?.is_empty() {
                self.form = Form::End;
                return Ok(None);
            }
            let record = self.read_line(buffer)?;
            let read = buffer.get(start..).unwrap_or_default();
            if record == Record::TooLong || !read.trim_ascii().is_empty() {
                return Ok(Some((record, line)));
            }
            buffer.truncate(start);
        }
    }

    fn read_line(&mut self, buffer: &mut Vec<u8>) -> io::Result<Record> {
        let start = buffer.len();
        let most = self.longest as u64 + 1;
        (&mut self.stream).take(most).read_until(b'\n', buffer)?;
        self.line += 1;
        if buffer.last() == Some(&b'\n') {
            buffer.pop();
            return Ok(Record::Json);
        }
        if buffer.len() - start <= self.longest {
            return Ok(Record::Json);
        }
        buffer.truncate(start);
        self.stream.skip_until(b'\n')?;
        Ok(Record::TooLong)
    }

    /// The next object, wherever it ends; what stands between objects is passed over.
    fn next_whole(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<(Record, u64)>> {
        if self.skip_to_object()?.is_none() {
            self.form = Form::End;
            return Ok(None);
        }
        let (start, line) = (buffer.len(), self.line);
        let record = self.rest_of_whole(buffer, start, Brackets::default())?;
        Ok(Some((record, line)))
    }

    fn rest_of_whole(
        &mut self,
        buffer: &mut Vec<u8>,
        start: usize,
        mut brackets: Brackets,
    ) -> io::Result<Record> {
        let mut too_long = false;
        loop {
            let octets = self.stream.fill_buf()?;
            if octets.is_empty() {
                break;
            }
            let mut used = 0;
            let mut ended = false;
            for octet in octets {
                // Nothing but a new object begins where a line begins: the last one was cut off.
                ended = brackets.at_line_start && *octet == b'{' && brackets.depth > 0;
                if ended {
                    break;
                }
                used += 1;
                self.line += u64::from(*octet == b'\n');
                brackets.see(*octet);
                ended = brackets.depth == 0;
                if ended {
                    break;
                }
            }
            let taken = octets.get(..used).unwrap_or_default();
            if !too_long {
                buffer.extend_from_slice(taken);
            }
            self.stream.consume(used);
            if buffer.len() - start > self.longest {
                buffer.truncate(start);
                too_long = true;
            }
            if ended {
                break;
            }
        }
        Ok(if too_long {
            Record::TooLong
        } else {
            Record::Json
        })
    }

    fn skip_to_object(&mut self) -> io::Result<Option<u8>> {
        loop {
            let octets = self.stream.fill_buf()?;
            if octets.is_empty() {
                return Ok(None);
            }
            let at = memchr::memchr(b'{', octets);
            let used = at.unwrap_or(octets.len());
            let passed = octets.get(..used).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            self.stream.consume(used);
            if at.is_some() {
                return Ok(Some(b'{'));
            }
        }
    }

    /// Passes over space and a byte order mark; gives the octet after it.
    fn skip_space(&mut self, mark: &[u8]) -> io::Result<Option<u8>> {
        loop {
            let octets = self.stream.fill_buf()?;
            if octets.is_empty() {
                return Ok(None);
            }
            let is_space = |octet: &u8| octet.is_ascii_whitespace() || mark.contains(octet);
            let used = octets.iter().take_while(|octet| is_space(octet)).count();
            let passed = octets.get(..used).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            let next = octets.get(used).copied();
            self.stream.consume(used);
            if next.is_some() {
                return Ok(next);
            }
        }
    }
}

/// How deep in brackets a place is.
#[derive(Debug, Default)]
struct Brackets {
    depth: usize,
    in_text: bool,
    is_escaped: bool,
    at_line_start: bool,
}

impl Brackets {
    fn see(&mut self, octet: u8) {
        self.at_line_start = octet == b'\n';
        if self.in_text {
            match octet {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return;
        }
        match octet {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn read_by(octets: &[u8], longest: usize, step: usize) -> Vec<(Record, u64, String)> {
        let mut records = Records::new(BufReader::with_capacity(step, octets));
        records.longest = longest;
        let mut found = Vec::new();
        let mut buffer = Vec::new();
        while let Some((record, line)) = records.next(&mut buffer).unwrap() {
            found.push((record, line, String::from_utf8_lossy(&buffer).into_owned()));
            buffer.clear();
        }
        found
    }

    fn read(text: &str) -> Vec<(u64, String)> {
        let found = read_by(text.as_bytes(), 1000, 7);
        found
            .into_iter()
            .map(|(record, line, text)| {
                assert_eq!(record, Record::Json);
                (line, text)
            })
            .collect()
    }

    #[test]
    fn objects_are_found_a_line_each_over_lines_and_in_arrays() {
        assert_eq!(
            read("{\"a\":1}\n\n{\"b\":[\n{}\n"),
            [
                (1, "{\"a\":1}".into()),
                (3, "{\"b\":[".into()),
                (4, "{}".into())
            ]
        );
        assert_eq!(
            read("\n{\n  \"a\": \"}\\\"\"\n}\n{\"b\":1}"),
            [
                (2, "{\n  \"a\": \"}\\\"\"\n}".into()),
                (5, "{\"b\":1}".into())
            ]
        );
        assert_eq!(
            read("\u{feff}[{\"a\":[1]},\n\n{\"b\":2}]\n"),
            [(1, "{\"a\":[1]}".into()), (3, "{\"b\":2}".into())]
        );
        assert_eq!(read(""), []);
        assert_eq!(
            read("words\nmore"),
            [(1, "words".into()), (2, "more".into())]
        );
    }

    #[test]
    fn a_line_that_was_cut_off_costs_no_other_line() {
        let text = "{\"a\":\"cut\n{\"b\":1}\n{\"c\":1}\n";
        assert_eq!(read(text).len(), 3);
        let text = "{\n \"a\": \"cut\n{\"b\":1}\n";
        assert_eq!(read(text).last().unwrap().1, "{\"b\":1}");
    }

    #[test]
    fn yaml_and_what_is_too_long_are_told() {
        assert_eq!(
            read_by(b"---\na: b\n", 100, 5),
            [(Record::Yaml, 1, String::new())]
        );
        let long = format!("{{\"a\":\"{}\"}}\n{{}}\n", "x".repeat(200));
        let found = read_by(long.as_bytes(), 100, 5);
        assert_eq!((found[0].0, found[1].0), (Record::TooLong, Record::Json));
        let long = format!("[{{\"a\":\"{}\"}},{{}}]", "x".repeat(200));
        let found = read_by(long.as_bytes(), 100, 5);
        assert_eq!((found[0].0, found[1].0), (Record::TooLong, Record::Json));
    }

    proptest! {
        #[test]
        fn what_is_read_does_not_depend_on_how_it_arrives(
            text in "[\\[\\]{}\"\\\\a\n ,-]{0,60}", step in 1_usize..9,
        ) {
            prop_assert_eq!(read_by(text.as_bytes(), 20, step), read_by(text.as_bytes(), 20, 1000));
        }
    }
}
