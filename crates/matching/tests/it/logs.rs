use matching::logs::{Column, Format, Line, Mapper, Record, Wrong, guess};
use proptest::prelude::*;
use stix::pattern::compile;

/// Reads lines of a format and says which of these patterns match the last one.
fn check(format: Format, columns: &[&str], lines: &[&str], patterns: &[(&str, bool)]) {
    let columns: Vec<Column> = columns
        .iter()
        .map(|text| Column::parse(text).unwrap())
        .collect();
    let mut mapper = Mapper::new(format, &columns).unwrap();
    let mut record = Record::default();
    for (number, line) in lines.iter().enumerate() {
        let read = mapper.line(line.as_bytes(), &mut record);
        let is_last = number + 1 == lines.len();
        let expected = if is_last { Line::Seen } else { Line::Nothing };
        assert_eq!(read, expected, "{line}");
    }
    let objects: Vec<&str> = record.objects().collect();
    for object in &objects {
        assert!(
            serde_json::from_str::<serde_json::Value>(object).is_ok(),
            "{object}"
        );
    }
    let seen = record.observation("observed-data");
    for (pattern, expected) in patterns {
        let matched = compile(pattern)
            .unwrap()
            .evaluate([&seen])
            .unwrap()
            .is_some();
        assert_eq!(matched, *expected, "{pattern} on {objects:#?}");
    }
}

const TRAFFIC: &[(&str, bool)] = &[
    (
        "[network-traffic:src_ref.value = '10.1.2.3' AND network-traffic:dst_ref.value = '203.0.113.9']",
        true,
    ),
    (
        "[network-traffic:dst_port = 53 AND network-traffic:src_port = 50000]",
        true,
    ),
    (
        "[network-traffic:protocols[*] = 'udp' AND network-traffic:protocols[1] = 'dns']",
        true,
    ),
    ("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", true),
    ("[network-traffic:dst_ref.value = '10.1.2.3']", false),
    ("[network-traffic:dst_port > 53]", false),
];

#[test]
fn zeek_is_read_in_columns_and_as_json() {
    let head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n\
        #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\n\
        #types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount";
    let line = "1714521600.250000\tCx\t10.1.2.3\t50000\t203.0.113.9\t53\tudp\tdns\t1.5\t40\t-";
    let lines: Vec<&str> = head.lines().chain([line]).collect();
    check(Format::Zeek, &[], &lines, TRAFFIC);
    let more = &[
        ("[network-traffic:src_byte_count = 40]", true),
        ("[EXISTS network-traffic:dst_byte_count]", false),
        (
            "[network-traffic:start = t'2024-05-01T00:00:00.25Z' AND network-traffic:end = t'2024-05-01T00:00:01.75Z']",
            true,
        ),
        (
            "[ipv4-addr:value = '10.1.2.3'] START t'2024-05-01T00:00:01Z' STOP t'2024-05-01T00:00:09Z'",
            true,
        ),
        (
            "[ipv4-addr:value = '10.1.2.3'] START t'2024-05-01T00:00:02Z' STOP t'2024-05-01T00:00:09Z'",
            false,
        ),
    ];
    check(Format::Zeek, &[], &lines, more);
    let json = r#"{"ts":1714521600.25,"id.orig_h":"10.1.2.3","id.orig_p":50000,"id.resp_h":"203.0.113.9","id.resp_p":53,"proto":"udp","query":"WWW.Evil.example","answers":["203.0.113.77","cdn.evil.example"]}"#;
    check(Format::Zeek, &[], &[json], TRAFFIC);
    check(
        Format::Zeek,
        &[],
        &[json],
        &[
            (
                "[domain-name:value = 'www.evil.example' AND domain-name:resolves_to_refs[*].value = '203.0.113.77']",
                true,
            ),
            ("[domain-name:value = 'cdn.evil.example']", true),
        ],
    );
    let nested = r#"{"ts":"2024-05-01T00:00:00.25Z","id":{"orig_h":"10.1.2.3","orig_p":50000,"resp_h":"203.0.113.9","resp_p":53},"proto":"udp","service":"dns"}"#;
    check(Format::Zeek, &[], &[nested], TRAFFIC);
}

#[test]
fn zeek_tells_requests_names_and_files() {
    let http = r#"{"ts":1714521600,"id.orig_h":"10.1.2.3","id.orig_p":1,"id.resp_h":"203.0.113.9","id.resp_p":80,"method":"POST","host":"evil.example:8080","uri":"/gate.php?x=1","user_agent":"curl/8","referrer":"http://lure.example/","username":"bob"}"#;
    check(
        Format::Zeek,
        &[],
        &[http],
        &[
            (
                "[url:value = 'http://evil.example:8080/gate.php?x=1']",
                true,
            ),
            ("[url:value = 'http://lure.example/']", true),
            ("[domain-name:value = 'evil.example']", true),
            (
                "[network-traffic:extensions.'http-request-ext'.request_method = 'post' AND network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' LIKE 'curl%']",
                true,
            ),
            ("[network-traffic:protocols[*] = 'http']", true),
            ("[user-account:user_id = 'bob']", true),
        ],
    );
    let files = r#"{"ts":1714521600,"fuid":"F1","tx_hosts":["203.0.113.9"],"rx_hosts":["10.1.2.3"],"mime_type":"application/x-dosexec","filename":"a.exe","total_bytes":77,"sha256":"aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"}"#;
    check(
        Format::Zeek,
        &[],
        &[files],
        &[
            (
                "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f' AND file:name = 'a.exe' AND file:size = 77]",
                true,
            ),
            ("[ipv4-addr:value = '203.0.113.9']", true),
        ],
    );
    let ssl = r#"{"ts":1714521600,"id.orig_h":"10.1.2.3","id.orig_p":1,"id.resp_h":"2001:db8::9","id.resp_p":443,"server_name":"evil.example","subject":"CN=evil.example","issuer":"CN=Nobody"}"#;
    check(
        Format::Zeek,
        &[],
        &[ssl],
        &[
            ("[domain-name:value = 'evil.example']", true),
            ("[ipv6-addr:value = '2001:db8::9']", true),
            ("[network-traffic:protocols[*] = 'tls']", true),
            (
                "[x509-certificate:subject = 'CN=evil.example' AND x509-certificate:issuer LIKE '%Nobody']",
                true,
            ),
        ],
    );
}

#[test]
fn suricata_is_read_by_what_its_events_hold() {
    let dns = r#"{"timestamp":"2024-05-01T02:00:00.250000+0200","event_type":"dns","src_ip":"10.1.2.3","src_port":50000,"dest_ip":"203.0.113.9","dest_port":53,"proto":"UDP","dns":{"type":"answer","rrname":"Evil.example","answers":[{"rrname":"evil.example","rrtype":"A","rdata":"203.0.113.77"}]}}"#;
    check(Format::Eve, &[], &[dns], TRAFFIC);
    check(
        Format::Eve,
        &[],
        &[dns],
        &[
            (
                "[domain-name:resolves_to_refs[*].value = '203.0.113.77']",
                true,
            ),
            (
                "[domain-name:value = 'evil.example'] START t'2024-05-01T00:00:00Z' STOP t'2024-05-01T00:00:01Z'",
                true,
            ),
        ],
    );
    let http = r#"{"timestamp":"2024-05-01T00:00:00.25+0000","event_type":"fileinfo","src_ip":"203.0.113.9","src_port":80,"dest_ip":"10.1.2.3","dest_port":2,"proto":"TCP","app_proto":"http","http":{"hostname":"evil.example","url":"/a.exe","http_user_agent":"x","http_method":"GET"},"fileinfo":{"filename":"/a.exe","size":5,"md5":"d41d8cd98f00b204e9800998ecf8427e"},"tls":{"sni":"tls.example","fingerprint":"aa:bb","subject":"CN=x"},"email":{"from":"Mallory <M@evil.example>","to":["bob@example.org"],"subject":"hi"}}"#;
    check(
        Format::Eve,
        &[],
        &[http],
        &[
            ("[url:value = 'http://evil.example/a.exe']", true),
            (
                "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND file:size = 5]",
                true,
            ),
            ("[domain-name:value = 'tls.example']", true),
            ("[x509-certificate:subject = 'CN=x']", true),
            (
                "[email-message:from_ref.value = 'm@evil.example' AND email-message:subject = 'hi']",
                true,
            ),
            ("[email-addr:value = 'bob@example.org']", true),
        ],
    );
    let nothing =
        r#"{"timestamp":"2024-05-01T00:00:00.25+0000","event_type":"stats","stats":{"uptime":1}}"#;
    let mut mapper = Mapper::new(Format::Eve, &[]).unwrap();
    let mut record = Record::default();
    assert_eq!(mapper.line(nothing.as_bytes(), &mut record), Line::Nothing);
}

#[test]
fn access_logs_are_read_with_and_without_a_site() {
    let line = r#"203.0.113.9 - bob [01/May/2024:02:00:00 +0200] "GET /wp-login.php?q=\"x\" HTTP/1.1" 200 12 "http://lure.example/" "sqlmap/1.8""#;
    check(
        Format::Combined,
        &[],
        &[line],
        &[
            ("[network-traffic:src_ref.value = '203.0.113.9']", true),
            (
                "[network-traffic:extensions.'http-request-ext'.request_value LIKE '/wp-login.php%']",
                true,
            ),
            (
                "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' MATCHES '(?i)^SQLMAP']",
                true,
            ),
            ("[user-account:user_id = 'bob']", true),
            ("[url:value = 'http://lure.example/']", true),
            (
                "[ipv4-addr:value = '203.0.113.9'] START t'2024-05-01T00:00:00Z' STOP t'2024-05-01T00:00:01Z'",
                true,
            ),
        ],
    );
    let site = r#"www.example.org:443 2001:db8::7 - - [01/May/2024:00:00:00 +0000] "POST /a HTTP/2.0" 200 -"#;
    check(
        Format::Combined,
        &[],
        &[site],
        &[
            ("[url:value = 'https://www.example.org/a']", true),
            ("[ipv6-addr:value = '2001:db8::7']", true),
            ("[network-traffic:dst_ref.value = 'www.example.org']", true),
        ],
    );
    let proxy = r#"10.1.2.3 - - [01/May/2024:00:00:00 +0000] "GET http://u@evil.example:81/x HTTP/1.1" 200 1 "-" "-""#;
    check(
        Format::Combined,
        &[],
        &[proxy],
        &[
            ("[url:value = 'http://u@evil.example:81/x']", true),
            ("[domain-name:value = 'evil.example']", true),
        ],
    );
}

#[test]
fn columns_become_properties() {
    let columns = [
        "when=observed-data:first_observed",
        "client=network-traffic:src_ref.value",
        "server=network-traffic:dst_ref.value",
        "port=network-traffic:dst_port",
        "proto=network-traffic:protocols[*]",
        "sum=file:hashes.'SHA-256'",
        "image=process:image_ref.name",
        "cmd=process:command_line",
        "one=ipv4-addr:value",
        "other=ipv4-addr:value",
    ];
    let lines = [
        "when;client;server;port;proto;sum;image;cmd;one;other",
        "2024-05-01 00:00:00;10.1.2.3;evil.example;443;tcp;aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f;a.exe;\"a.exe \"\"-x;y\"\"\";192.0.2.1;2001:db8::1",
    ];
    check(
        Format::Csv,
        &columns,
        &lines,
        &[
            (
                "[network-traffic:src_ref.value = '10.1.2.3' AND network-traffic:dst_ref.value = 'evil.example' AND network-traffic:dst_port = 443 AND network-traffic:protocols[0] = 'tcp']",
                true,
            ),
            (
                "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']",
                true,
            ),
            (
                "[process:image_ref.name = 'a.exe' AND process:command_line = 'a.exe \"-x;y\"']",
                true,
            ),
            ("[ipv4-addr:value = '192.0.2.1']", true),
            ("[ipv6-addr:value = '2001:db8::1']", true),
            (
                "[ipv4-addr:value = '192.0.2.1'] START t'2024-05-01T00:00:00Z' STOP t'2024-05-01T00:00:01Z'",
                true,
            ),
        ],
    );
    for wrong in [
        "x",
        "=a:b",
        "x=a",
        "x=identity:name",
        "x=file:parent_ref",
        "x=file:a_ref.b",
        "x=file:a[0].b",
    ] {
        assert!(Column::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_no_line_of_a_format_is_named() {
    let mut record = Record::default();
    for (format, line, wrong) in [
        (Format::Zeek, "a\tb", Wrong::Fields),
        (Format::Zeek, "{", Wrong::Json),
        (Format::Zeek, "{\"ts\":\"soon\"}", Wrong::Time),
        (Format::Eve, "x", Wrong::Json),
        (Format::Eve, "{}", Wrong::Time),
        (Format::Combined, "GET /", Wrong::Combined),
    ] {
        let mut mapper = Mapper::new(format, &[]).unwrap();
        assert_eq!(
            mapper.line(line.as_bytes(), &mut record),
            Line::Wrong(wrong),
            "{line}"
        );
    }
    let columns = [Column::parse("a=url:value").unwrap()];
    let mut mapper = Mapper::new(Format::Csv, &columns).unwrap();
    assert_eq!(mapper.line(b"a,b", &mut record), Line::Nothing);
    assert_eq!(mapper.line(b"x", &mut record), Line::Wrong(Wrong::Columns));
    assert_eq!(mapper.line(b"\"x", &mut record), Line::Wrong(Wrong::Quote));
}

#[test]
fn a_format_is_told_by_how_a_file_begins() {
    for (head, expected) in [
        ("#separator \\x09\n", Some(Format::Zeek)),
        ("{\"ts\":1,\"uid\":\"x\"}\n", Some(Format::Zeek)),
        (
            "{\"timestamp\":\"x\",\"event_type\":\"dns\"}\n",
            Some(Format::Eve),
        ),
        ("{\"type\":\"bundle\"}\n", Some(Format::Stix)),
        ("{\n  \"type\": \"bundle\"", Some(Format::Stix)),
        (
            "1.2.3.4 - - [01/May/2024:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
            Some(Format::Combined),
        ),
        ("a,b,c\n", None),
        ("", None),
    ] {
        assert_eq!(guess(head.as_bytes()), expected, "{head}");
    }
}

proptest! {
    #[test]
    fn no_line_makes_a_panic(
        line in prop_oneof![
            "\\PC{0,80}",
            "[\\[\\]{}\":,\\\\\" a-z0-9.\t#-]{0,80}",
            ".{0,20}\\[01/May/2024:00:00:00 \\+0000\\] \".{0,30}",
        ],
        format in prop_oneof![Just(Format::Zeek), Just(Format::Eve), Just(Format::Combined), Just(Format::Csv)],
    ) {
        let columns = [Column::parse("a=url:value").unwrap(), Column::parse("b=file:hashes.MD5").unwrap()];
        let mut mapper = Mapper::new(format, &columns).unwrap();
        let mut record = Record::default();
        mapper.line(b"#fields\ta\tts", &mut record);
        mapper.line(b"a,b", &mut record);
        if mapper.line(line.as_bytes(), &mut record) == Line::Seen {
            for object in record.objects() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(object).is_ok(), "{}", object);
            }
        }
        let _ = guess(line.as_bytes());
    }
}

#[test]
fn lines_of_a_megabyte_and_deep_ones_take_little() {
    let long = "x".repeat(1 << 20);
    let deep = format!(
        "{{\"ts\":1,\"a\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let wide = format!(
        "{{\"ts\":1{}}}",
        (0..50_000)
            .map(|n| format!(",\"k{n}\":{{\"a\":1}}"))
            .collect::<Vec<_>>()
            .concat()
    );
    let agent = format!(
        r#"1.2.3.4 - - [01/May/2024:00:00:00 +0000] "GET /{long} HTTP/1.1" 200 1 "-" "{long}""#
    );
    let quotes = "\\\"".repeat(500_000);
    for format in [Format::Zeek, Format::Eve, Format::Combined, Format::Csv] {
        let columns = [Column::parse("a=url:value").unwrap()];
        let mut mapper = Mapper::new(format, &columns).unwrap();
        let mut record = Record::default();
        for line in [&long, &deep, &wide, &agent, &quotes] {
            mapper.line(line.as_bytes(), &mut record);
            assert!(record.objects().map(str::len).sum::<usize>() < 4 << 20);
        }
    }
}
