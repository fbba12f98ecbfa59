//! `entente import`: signals from files into a collection.

mod disarm;
mod format;
mod galaxy;
pub(super) mod indicator;
mod list;
mod misp;
mod misp_feed;
mod objects;
mod operations;
pub(super) mod rows;
pub(super) mod taking;

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use node::model::{Harm, Marking};

use super::output::{counted, tell, tell_error};
use super::target::{Target, Where};
use super::{Exit, input, words};
use crate::present::collection::{Collection, NewCollection};
use format::Format;
use indicator::Template;
use rows::Columns;
use taking::{Counts, Taking};

/// Publish signals from files into a collection
///
/// Takes STIX bundles and TAXII envelopes, STIX objects one a line (NDJSON), MISP events, galaxies and
/// taxonomies, CSV with a column of indicators, and plain lists of indicators, one a line; each also
/// packed with gzip or zstd. A folder with a manifest.json, or the address of one, is read as a MISP
/// feed. CSV by tactic, technique and procedure, as Meta publishes it, becomes a campaign with its
/// attack patterns, indicators and accounts. DISARM's kill chain, which its own STIX calls
/// mitre-attack, gets its name back.
/// Indicators may be defanged. What is refused is told on stderr with file, line and reason.
/// Importing a file twice takes nothing new: of one publisher, one value is one indicator, and the
/// first row wins.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente import --data d disarm.json --collection library
  entente import --data d iocs.csv.gz --collection elections --harm election-interference --keep-going
  entente import --data d feed.csv --collection feed --columns value=Indicator,name=Title
  entente import --data d https://feed.example/misp --collection feed --marking green
  curl -s https://feed.example/list.txt | entente import - --data d --collection feed --marking green")]
pub(crate) struct Import {
    /// Files ('-' is stdin), or MISP feeds: folders and http(s) addresses
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// The collection, made when there is none of this name
    #[arg(long, value_name = "NAME")]
    collection: String,
    /// What the files are; told by their content when absent
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Which columns of a CSV file hold what: value, kind, name, description, labels, date
    #[arg(long, value_name = "FIELD=HEADER,...")]
    columns: Option<Columns>,
    /// The marking of indicators made from CSV and lists, of MISP events without a tlp: tag, and the
    /// default of a new collection: clear, green, amber, amber+strict, red
    #[arg(long, value_name = "TLP")]
    marking: Option<Marking>,
    /// The harm of indicators made from CSV and lists, and of a new collection
    #[arg(long, value_parser = words::harm())]
    harm: Option<Harm>,
    /// A label of indicators made from CSV and lists; repeat for more
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// What is sent to a MISP feed on the web as the header Authorization, such as 'Bearer TOKEN'
    #[arg(
        long,
        value_name = "VALUE",
        env = "ENTENTE_FEED_AUTHORIZATION",
        hide_env_values = true
    )]
    feed_authorization: Option<String>,
    /// Exit with 0 also when something was refused
    #[arg(long)]
    keep_going: bool,
    /// Read and check everything, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let collection = self.find_or_make_collection(&target)?;
        let template = Template::new(&target, self.marking, self.harm, &self.labels)?;
        let bar = input::bar(&self.files);
        input::tell_if_waiting(&self.files);
        let mut taking = Taking::new(&target, collection, self.dry_run, bar.clone());
        let mut unread = 0;
        for path in &self.files {
            let read = self.read_from(path, &bar, &template, &mut taking);
            if let Err(error) = read {
                if self.files.len() == 1 || !is_about_the_file(&error) {
                    bar.finish_and_clear();
                    return Err(error);
                }
                unread += 1;
                bar.suspend(|| tell_error(&error));
            }
        }
        bar.finish_and_clear();
        let counts = taking.counts();
        self.report(counts)?;
        let all = counts.refused == 0 || self.keep_going;
        Ok(if all && unread == 0 {
            Exit::Done
        } else {
            Exit::Local
        })
    }

    fn read_from(
        &self,
        path: &Path,
        bar: &ProgressBar,
        template: &Template,
        taking: &mut Taking<'_>,
    ) -> anyhow::Result<()> {
        let feed = misp_feed::find(path, self.feed_authorization.as_deref())?;
        let read = if let Some(feed) = feed {
            feed.read(template, taking)
        } else {
            let input = input::open(path, bar, input::Head::Whole)?;
            self.read(input, template, taking)
        };
        // What came before a break in the stream counts all the same.
        taking.flush()?;
        read
    }

    fn read(
        &self,
        input: input::Input,
        template: &Template,
        taking: &mut Taking<'_>,
    ) -> anyhow::Result<()> {
        let columns = self.columns.clone().unwrap_or_default();
        match format::tell(self.format, &input, &columns) {
            Format::Stix => objects::read_container(input, taking),
            Format::Ndjson => objects::read_lines(input, taking),
            Format::Misp => misp::read(input, template, taking),
            Format::MispGalaxy => galaxy::read_galaxy(input, template, taking),
            Format::MispTaxonomy => galaxy::read_taxonomy(input, template, taking),
            Format::Csv => rows::read(input, &columns, template, taking),
            Format::List | Format::Auto => list::read(input, template, taking),
        }
    }

    /// None on a dry run when it would have to be made.
    fn find_or_make_collection(&self, target: &Target) -> anyhow::Result<Option<Collection>> {
        if let Some(found) = target.find_collection(&self.collection)? {
            return Ok(Some(found));
        }
        let marking = self.marking.unwrap_or(Marking::Amber);
        let will = if self.dry_run {
            "would be made"
        } else {
            "is made"
        };
        tell(&format!(
            "collection '{}' {will}, default marking {marking}",
            self.collection
        ));
        if self.dry_run {
            return Ok(None);
        }
        let made = target.create_collection(NewCollection {
            alias: self.collection.clone(),
            default_marking: Some(marking.to_string()),
            harm: self.harm.map(|harm| harm.to_string()),
            ..NewCollection::default()
        })?;
        Ok(Some(made))
    }

    fn report(&self, counts: Counts) -> anyhow::Result<()> {
        if counts.mended > 0 {
            tell(&format!(
                "{} of DISARM called their kill chain 'mitre-attack': it is called 'disarm' here",
                counted(counts.mended, "object", "objects")
            ));
        }
        if self.json {
            let mut out = super::output::Out::new();
            out.json(&counts)?;
            out.flush()?;
        }
        let taken = counted(counts.taken, "object", "objects");
        let (known, refused) = (
            super::output::count(counts.known),
            super::output::count(counts.refused),
        );
        let verb = if self.dry_run {
            "would be taken"
        } else {
            "taken"
        };
        tell(&format!(
            "{taken} {verb} into '{}', {known} already here, {refused} refused",
            self.collection
        ));
        Ok(())
    }
}

/// Whether an error is about one input alone, so that the next may still be read.
fn is_about_the_file(error: &anyhow::Error) -> bool {
    !error
        .chain()
        .any(|cause| cause.is::<super::Failure>() || cause.is::<node::Error>())
}
