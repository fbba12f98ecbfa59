//! What users of `entente` rely on. A contents page: one story a module.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, as tests do"
)]

/// The house rules: arrows between rooms point down; no file grows without end.
mod house;

/// The command line: first steps, managing, importing, exporting, edge files, matching, what does not fire,
/// feedback, serving, the demo, sites that are blocked, and
/// files that others published (with `ENTENTE_TESTDATA`).
mod cli;

/// Feedback on signals and warning lists over HTTP: the API, STIX, and the form on a signal's page.
mod feedback;
/// Feeds for programs that do not speak TAXII: MISP, CSV, lists, Atom.
mod feeds;

/// What a browser is given: every page, sessions, the administrator link, the match box; and lookups
/// over the API.
mod pages;

/// The feed of changes over HTTP: pages and events while others write, places, who sees what.
mod changes;
/// `entente taxii check`: a node passes; servers with one fault each are found out, and hostile ones
/// end in a clear error.
mod taxii_check;

/// The public account: pages, files, charts and the command line.
mod account;
/// Readiness and figures, for load balancers and monitoring.
mod health;
/// Images over HTTP as HMA's clients ask: hashed, looked up, compared, refused.
mod hma;
/// How people are kept informed: the inbox, news, calendars, mail.
mod informed;
/// Addresses in the inbox, news and calendars lead to pages.
mod links;
/// Requests: the API, links to contest, the pages, and the story of a takedown on the command line.
mod requests;
/// Single values over the API: lists, and lines looked up as they arrive; images among them.
mod values;
/// Webhooks: signed, tried again, given up, refused, stopped.
mod webhooks;

/// The OpenAPI document and the routes say the same.
mod openapi;
