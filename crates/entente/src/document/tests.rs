//! What is read of files that are made here; tests/outside/secrets.py reads those of others.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// Every document's name and text, and what could not be read.
fn read(name: &str, bytes: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
    read_within(name, bytes, Limits::default())
}

fn read_within(name: &str, bytes: &[u8], limits: Limits) -> (Vec<(String, String)>, Vec<String>) {
    let (mut documents, mut unread) = (Vec::new(), Vec::new());
    let mut text = Vec::new();
    let mut open = None;
    read_stream(
        name,
        &mut Cursor::new(bytes),
        limits,
        &mut |event| match event {
            Event::Begin { name, .. } => {
                assert!(open.is_none(), "{name} within another");
                open = Some(name.to_owned());
            }
            Event::Text(_, bytes) => text.extend_from_slice(bytes),
            Event::End => {
                let text = String::from_utf8_lossy(&std::mem::take(&mut text)).into_owned();
                documents.push((open.take().unwrap(), text));
            }
            Event::Unread { name, why } => unread.push(format!("{name}: {why}")),
        },
    );
    assert!(open.is_none());
    (documents, unread)
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

#[test]
fn a_page_is_what_is_shown_of_it() {
    let page = b"<html><style>p { x }</style><p>caf&eacute; <b>o</b>k</p><script>1 < 2</script>\
        <a href='https://example.org/?a&amp;b'>x</a><img alt='a plan'></html>";
    let (documents, unread) = read("a.html", page);
    let text = &documents[0].1;
    assert!(unread.is_empty());
    assert!(
        text.contains("café ok") && text.contains("a plan"),
        "{text}"
    );
    assert!(text.ends_with("https://example.org/?a&b\n"), "{text}");
    assert!(!text.contains("x }") && !text.contains("1 <"), "{text}");
}

#[test]
fn a_text_document_is_its_paragraphs() {
    let body = "<w:document><w:body><w:p><w:r><w:t>a &amp; b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>\
        <w:p><w:r><w:t>d&#233;</w:t></w:r></w:p></w:body></w:document>";
    let file = zip_of(&[
        ("word/document.xml", body.as_bytes()),
        (
            "word/footer1.xml",
            b"<w:ftr><w:p><w:t>page</w:t></w:p></w:ftr>",
        ),
        ("word/embeddings/a.txt", b"inner"),
        ("word/media/a.txt", b"not read"),
    ]);
    let (documents, unread) = read("a.docx", &file);
    assert!(unread.is_empty(), "{unread:?}");
    assert_eq!(
        documents[0],
        ("a.docx".into(), "a & b c\ndé\npage\n".into())
    );
    assert_eq!(
        documents[1],
        ("a.docx!word/embeddings/a.txt".into(), "inner".into())
    );
    assert_eq!(documents.len(), 2);
}

#[test]
fn archives_within_archives_are_read_as_far_as_is_allowed() {
    let deep = zip_of(&[("b.txt.gz", &gzip(b"deep"))]);
    let file = zip_of(&[("a.txt", b"top"), ("x/inner.zip", &deep)]);
    let (documents, unread) = read("f.zip", &file);
    let names: Vec<&str> = documents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["f.zip!a.txt", "f.zip!x/inner.zip!b.txt.gz"]);
    assert!(unread.is_empty());
    let limits = Limits {
        depth: 1,
        ..Limits::default()
    };
    let (documents, unread) = read_within("f.zip", &file, limits);
    assert_eq!((documents.len(), unread.len()), (1, 1));
    let limits = Limits {
        members: 1,
        ..Limits::default()
    };
    let (documents, unread) = read_within("f.zip", &file, limits);
    assert_eq!((documents.len(), unread.len()), (1, 1), "{unread:?}");
}

#[test]
fn what_unpacks_to_too_much_is_told_and_ends() {
    let file = zip_of(&[("zeros", &vec![b' '; 8 << 20]), ("after", b"text")]);
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    let (_, unread) = read_within("f.zip", &file, limits);
    assert!(
        unread.iter().any(|words| words.contains("max-unpacked")),
        "{unread:?}"
    );
    let twice = gzip(&gzip(&vec![0; 8 << 20]));
    let (_, unread) = read_within("f.gz.gz", &twice, limits);
    assert_eq!(unread.len(), 1, "{unread:?}");
}

#[test]
fn a_directory_that_is_too_large_is_not_read() {
    let mut file = zip_of(&[("a.txt", b"text")]);
    let end = file.len() - 22;
    file[end + 12..end + 16].copy_from_slice(&(100_u32 << 20).to_le_bytes());
    let (documents, unread) = read("f.zip", &file);
    assert!(
        documents.is_empty() && unread[0].contains("100 MiB"),
        "{unread:?}"
    );
}

#[test]
fn nothing_that_is_read_ends_it() {
    let good = [
        zip_of(&[("word/document.xml", b"<w:p><w:r><w:t>text</w:t></w:r></w:p>")]),
        zip_of(&[("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", b"<c t='s'><v>9</v></c>")]),
        zip_of(&[("mimetype", b"x"), ("content.xml", b"<text:p>text<text:s/></text:p>")]),
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[2 0 R]/Count 1>>endobj\n\
          trailer<</Root 1 0 R>>"
            .to_vec(),
        b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--".to_vec(),
        b"<html><p title='x'>a&amp;b<script>c".to_vec(),
        b"{\"a\": \"\\u00e9\\".to_vec(),
    ];
    let mut state = 1_u64;
    let mut dice = move |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % limit
    };
    for file in &good {
        for _ in 0..300 {
            let mut spoiled = file.clone();
            for _ in 0..=dice(4) {
                let at = dice(spoiled.len());
                match dice(3) {
                    0 => spoiled[at] = u8::try_from(dice(256)).unwrap(),
                    1 => spoiled.truncate(at.max(1)),
                    _ => spoiled.extend_from_within(at..),
                }
            }
            read("spoiled", &spoiled);
        }
    }
}

#[test]
fn a_message_is_its_text_and_what_is_attached() {
    let mail = b"From: a@b\r\nSubject: =?utf-8?q?Z=C3=A4hler?=\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 one=\r\n two\r\n--x\r\n\
        Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\
        Content-Transfer-Encoding: base64\r\n\r\naW5uZXI=\r\n--x--\r\n";
    let (documents, unread) = read("m.eml", mail);
    assert!(unread.is_empty(), "{unread:?}");
    let text = &documents[0].1;
    assert!(
        text.contains("Zähler") && text.contains("café one two"),
        "{text}"
    );
    assert_eq!(documents[1], ("m.eml!a.txt".into(), "inner".into()));
    let mut mailbox = b"From a@b Mon\n".to_vec();
    for body in ["first\n\n>From here\n", "second\n"] {
        mailbox.extend(b"Subject: x\nFrom: a@b\n\n");
        mailbox.extend(body.as_bytes());
        mailbox.extend(b"\nFrom a@b Tue\n");
    }
    mailbox.extend(b"Subject: last\n\nthird");
    let (documents, _) = read("box", &mailbox);
    let names: Vec<&str> = documents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["box!1", "box!2", "box!3"]);
    assert!(documents[0].1.contains("\nFrom here"), "{:?}", documents[0]);
}

#[test]
fn whatever_is_broken_is_an_error_with_its_name() {
    let docx = zip_of(&[("word/document.xml", b"<w:p><w:t>text</w:t")]);
    for (name, bytes) in [
        ("cut.zip", &docx[..docx.len() / 2]),
        ("cut.docx", &docx[..]),
        ("a.pdf", b"%PDF-1.4\nnothing"),
        ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0zz"),
        ("a.zst", b"\x28\xb5\x2f\xfdzz"),
        ("a.7z", b"7z\xbc\xaf'\x1c"),
    ] {
        let (_, unread) = read(name, bytes);
        assert!(
            !unread.is_empty() && unread[0].starts_with(name),
            "{name}: {unread:?}"
        );
    }
}
