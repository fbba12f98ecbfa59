//! `entente circle`: named sets of parties that share among themselves.

use clap::{Args, Subcommand};
use node::Caller;

use super::Exit;
use super::client::encoded;
use super::output::{Out, STRONG, counted, plain, tell};
use super::target::{Target, Where};
use crate::present::circle::{self, ChangeCircle, Circle as Shown, Circles};

/// Circles: parties that share among themselves
#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    List(List),
    Show(Show),
    Set(Set),
}

/// List the circles you are in, or manage
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente circle list --data d
  entente circle list --server https://node.example --json")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Show a circle: its members, and the marking that confines an object to it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente circle show election-desk --data d")]
pub(crate) struct Show {
    /// Its name
    name: String,
    #[command(flatten)]
    place: Where,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Make a circle, or change who is in it
///
/// Objects are confined to a circle by its marking in `object_marking_refs`, or by a collection made
/// with --circle. Who is in a circle is seen by its members and by those who manage it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente circle set election-desk --data d --add microsoft --add france --title 'Election desk'
  entente circle set election-desk --data d --remove microsoft
  entente collection create election-alerts --data d --circle election-desk --marking amber")]
pub(crate) struct Set {
    /// Its name: lower-case letters, digits and hyphens
    name: String,
    #[command(flatten)]
    place: Where,
    /// The name people read
    #[arg(long)]
    title: Option<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// A party that comes in; repeat for more
    #[arg(long, value_name = "PARTY")]
    add: Vec<String>,
    /// A party that leaves; repeat for more
    #[arg(long, value_name = "PARTY")]
    remove: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Circle {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Circle::List(verb) => verb.run(),
            Circle::Show(verb) => verb.run(),
            Circle::Set(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = match self.place.open()? {
            Target::Local(local) => circle::circles(&local.node, &Caller::Operator),
            Target::Remote(client) => client.get::<Circles>("/api/v1/circles", &[])?,
        };
        let mut out = Out::new();
        if self.json {
            for circle in &found.circles {
                out.json(circle)?;
            }
        } else {
            let row = |circle: &Shown| {
                vec![
                    circle.id.clone(),
                    circle.title.clone(),
                    counted(circle.members.len() as u64, "member", "members"),
                    circle.marking.clone(),
                ]
            };
            let rows: Vec<Vec<String>> = found.circles.iter().map(row).collect();
            out.table(&["NAME", "TITLE", "MEMBERS", "MARKING"], &rows)?;
        }
        out.flush()?;
        if found.circles.is_empty() {
            tell("no circles that you are in or manage: 'entente circle set' makes one");
        }
        Ok(Exit::Done)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        let found = match self.place.open()? {
            Target::Local(local) => local.node.circle(&Caller::Operator, &self.name)?.into(),
            Target::Remote(client) => {
                client.get::<Shown>(&format!("/api/v1/circles/{}", encoded(&self.name)), &[])?
            }
        };
        print(&found, self.json)
    }
}

impl Set {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let id = |name: &String| Ok::<_, anyhow::Error>(target.party(name, None)?.party.id);
        let change = ChangeCircle {
            add: self.add.iter().map(id).collect::<Result<_, _>>()?,
            remove: self.remove.iter().map(id).collect::<Result<_, _>>()?,
            title: self.title,
            description: self.description,
        };
        let set = match &target {
            Target::Local(local) => {
                let node = &local.node;
                let set = node.set_circle(&Caller::Operator, &self.name, change.into());
                local.wait(set)?.into()
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/circles/{}", encoded(&self.name));
                client.put::<Shown>(&path, &change)?
            }
        };
        print(&set, self.json)
    }
}

fn print(circle: &Shown, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        out.json(circle)?;
    } else {
        out.line(&out.paint(STRONG, &plain(&circle.title)))?;
        if !circle.description.is_empty() {
            out.line(&plain(&circle.description))?;
        }
        out.line(&format!("marking  {}", circle.marking))?;
        for member in &circle.members {
            out.line(&format!("member   {member}"))?;
        }
    }
    out.flush()?;
    if circle.members.is_empty() {
        tell("nobody is in this circle: what is confined to it reaches nobody");
    }
    Ok(Exit::Done)
}
