//! Works without leave: `copyright`.

use super::super::rule::Form::{Begins, Date, DateTime, Digest, Hex, Uri};
use super::super::rule::Rule::{Closed, Flag, Form, List, Number, Short, Text, Word};
use super::super::rule::{COUNT, Field, POSITIVE, hint, may, must};

pub(super) const COPYRIGHT: &[Field] = &[
    must("infringing_url", Form(Uri)),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    may("original_url", Form(Uri)),
    hint(
        "infringement_type",
        Word("direct_copy modified_copy streaming download distribution"),
    ),
];

pub(super) const CYBERLOCKER: &[Field] = &[
    hint(
        "evidence_source",
        Word("automated_crawl manual_discovery user_report rights_holder search_engine"),
    ),
    must("infringing_url", Form(Uri)),
    must("hosting_service", Short(200)),
    hint(
        "file_info",
        Closed(&[
            may("filename", Short(500)),
            may("file_size", COUNT),
            may("file_hash", Form(Digest("md5 sha1 sha256"))),
            may("upload_date", Form(DateTime)),
            may("download_count", COUNT),
        ]),
    ),
    may(
        "uploader_info",
        Closed(&[
            may("username", Short(200)),
            may("user_id", Short(100)),
            may("account_type", Word("free premium business unknown")),
        ]),
    ),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    hint(
        "work_category",
        Word("movie tv_show music software ebook audiobook game document other"),
    ),
    may(
        "access_method",
        Word(
            "direct_link password_protected premium_only time_limited \
captcha_protected",
        ),
    ),
    may(
        "takedown_info",
        Closed(&[
            may("previous_requests", COUNT),
            may("service_response_time", Text),
            may("automated_removal", Flag),
        ]),
    ),
];

pub(super) const LINK_SITE: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "automated_crawl manual_monitoring user_report rights_holder \
search_monitoring",
        ),
    ),
    must("infringing_url", Form(Uri)),
    must("site_name", Short(200)),
    hint(
        "site_category",
        Word(
            "torrent_index direct_download_links streaming_links usenet_index \
search_engine forum_links other",
        ),
    ),
    hint(
        "link_info",
        Closed(&[
            may("page_title", Short(500)),
            may("posting_date", Form(DateTime)),
            may("uploader", Short(200)),
            may("download_count", COUNT),
            may("link_count", POSITIVE),
            may("comments_count", COUNT),
        ]),
    ),
    hint(
        "linked_content",
        List(
            &Closed(&[
                must("target_url", Form(Uri)),
                must(
                    "link_type",
                    Word(
                        "torrent_file magnet_link direct_download streaming_link usenet_nzb other",
                    ),
                ),
                may("hosting_service", Short(200)),
                may("file_size", COUNT),
            ]),
            0,
            50,
        ),
    ),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    hint(
        "work_category",
        Word("movie tv_show music software ebook audiobook game adult_content other"),
    ),
    may("search_terms", List(&Short(200), 0, 10)),
    may(
        "site_ranking",
        Closed(&[
            may("alexa_rank", POSITIVE),
            may("popularity_score", Number(0.0, 10.0)),
        ]),
    ),
];

pub(super) const P2P: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "automated_crawl manual_monitoring user_report rights_holder \
watermark_detection",
        ),
    ),
    must(
        "p2p_protocol",
        Word("bittorrent edonkey gnutella kademlia other"),
    ),
    hint(
        "swarm_info",
        Closed(&[
            may("info_hash", Form(Hex(40))),
            may("magnet_uri", Form(Begins("magnet:?xt=urn:"))),
            may("torrent_name", Short(500)),
            may("file_count", POSITIVE),
            may("total_size", COUNT),
        ]),
    ),
    may(
        "peer_info",
        Closed(&[
            may("peer_id", Short(100)),
            may("client_version", Short(100)),
            may("upload_amount", COUNT),
            may("download_amount", COUNT),
        ]),
    ),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    hint(
        "work_category",
        Word("movie tv_show music software ebook audiobook game other"),
    ),
    may("release_date", Form(Date)),
    may(
        "detection_method",
        Word("automated_crawl fingerprinting metadata_match manual_verification"),
    ),
];

pub(super) const UGC_PLATFORM: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "automated_detection user_report rights_holder content_id_match \
fingerprint_match manual_review",
        ),
    ),
    must("infringing_url", Form(Uri)),
    must("platform_name", Short(200)),
    hint(
        "content_info",
        Closed(&[
            may("content_id", Short(200)),
            may("content_title", Short(500)),
            may("content_description", Short(2000)),
            may("upload_date", Form(DateTime)),
            may("content_duration", COUNT),
            may("view_count", COUNT),
            may("like_count", COUNT),
        ]),
    ),
    hint(
        "uploader_info",
        Closed(&[
            may("username", Short(200)),
            may("user_id", Short(100)),
            may("account_verified", Flag),
            may("subscriber_count", COUNT),
            may("account_creation_date", Form(DateTime)),
        ]),
    ),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    hint(
        "work_category",
        Word(
            "movie tv_show music music_video audiobook podcast live_performance \
sports_event documentary other",
        ),
    ),
    hint(
        "infringement_type",
        Word(
            "full_work substantial_portion compilation remix_unauthorized \
background_music clip_mashup",
        ),
    ),
    hint(
        "match_details",
        Closed(&[
            may("match_confidence", Number(0.0, 1.0)),
            may("match_duration", COUNT),
            may("match_percentage", Number(0.0, 100.0)),
            may("reference_id", Short(200)),
        ]),
    ),
    may(
        "monetization_info",
        Closed(&[
            may("monetized", Flag),
            may("ad_revenue", Flag),
            may("premium_content", Flag),
        ]),
    ),
];

pub(super) const USENET: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "automated_monitoring newsgroup_crawl user_report rights_holder \
nzb_index_monitoring",
        ),
    ),
    must("newsgroup", Short(200)),
    hint(
        "message_info",
        Closed(&[
            may("message_id", Short(500)),
            may("subject", Short(500)),
            may("from_header", Short(200)),
            may("posting_date", Form(DateTime)),
            may("part_number", POSITIVE),
            may("total_parts", POSITIVE),
            may("file_size", COUNT),
        ]),
    ),
    may(
        "nzb_info",
        Closed(&[
            may("nzb_name", Short(500)),
            may("nzb_url", Form(Uri)),
            may("indexer_site", Short(200)),
            may("completion_percentage", Number(0.0, 100.0)),
        ]),
    ),
    may(
        "server_info",
        Closed(&[
            may("nntp_server", Short(200)),
            may("server_group", Short(200)),
            may("retention_days", POSITIVE),
        ]),
    ),
    hint("work_title", Short(500)),
    hint("rights_holder", Short(200)),
    hint(
        "work_category",
        Word(
            "movie tv_show music software ebook audiobook magazine game adult_content \
other",
        ),
    ),
    may(
        "encoding_info",
        Closed(&[
            may("encoding_format", Word("yenc uuencode base64 other")),
            may("par2_recovery", Flag),
            may("rar_compression", Flag),
        ]),
    ),
    may(
        "detection_method",
        Word("subject_line_match header_analysis content_sampling nzb_metadata"),
    ),
];
