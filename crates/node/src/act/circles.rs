//! Circles: named sets of parties that share among themselves.

use crate::act::Error;
use crate::act::manage::administering;
use crate::batch::fill;
use crate::entry::Act;
use crate::model::Circle;
use crate::node::Node;
use crate::pledge::is_slug;
use crate::policy::Caller;

/// Octets of a title or a description.
const MOST_TEXT: usize = 4000;

/// A change of who is in a circle, or what it is called. Absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CircleChange {
    /// The name people read.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Parties that come in, by id or name.
    pub add: Vec<String>,
    /// Parties that leave, by id or name.
    pub remove: Vec<String>,
}

impl Node {
    /// The circles that a caller may know of: those it is in, and all for those who manage them.
    pub fn circles(&self, caller: &Caller) -> Vec<Circle> {
        let viewer = self.viewer(caller);
        self.directory()
            .circles()
            .filter(|(number, _)| viewer.knows_circle(*number))
            .map(|(_, circle)| circle.clone())
            .collect()
    }

    /// One of [`Node::circles`].
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn circle(&self, caller: &Caller, id: &str) -> Result<Circle, Error> {
        let mut known = self.circles(caller).into_iter();
        known
            .find(|circle| circle.id == id)
            .ok_or(Error::NotFound("circle"))
    }

    /// Makes a circle, or changes one. Who is taken out no longer sees what is shared in it, from the
    /// next request on.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Invalid`] for a wrong id; [`Error::NotFound`] for an unknown party.
    pub async fn set_circle(
        &self,
        caller: &Caller,
        id: &str,
        change: CircleChange,
    ) -> Result<Circle, Error> {
        if !is_slug(id) || id.len() > 60 {
            return Err(Error::Invalid(format!(
                "'{id}' is no circle's name: use 1 to 60 lower-case letters, digits and hyphens"
            )));
        }
        let texts = [&change.title, &change.description];
        if texts
            .into_iter()
            .flatten()
            .any(|text| text.len() > MOST_TEXT)
        {
            let words = format!("title and description hold at most {MOST_TEXT} octets");
            return Err(Error::Invalid(words));
        }
        let mut random = [0; 16];
        fill(&mut random);
        let marking = uuid::Builder::from_random_bytes(random).into_uuid();
        let name = id.to_owned();
        let decide = administering(caller, move |directory| {
            let mut circle = match directory.circle(&name) {
                Some((_, known)) => known.clone(),
                None => Circle {
                    title: name.clone(),
                    id: name,
                    description: String::new(),
                    marking: format!("marking-definition--{marking}"),
                    members: Vec::new(),
                },
            };
            let party = |name: &String| {
                let party = directory.party(name).ok_or(Error::NotFound("party"))?;
                Ok::<_, Error>(party.id.clone())
            };
            for name in &change.add {
                let id = party(name)?;
                if !circle.members.contains(&id) {
                    circle.members.push(id);
                }
            }
            for name in &change.remove {
                let id = party(name)?;
                circle.members.retain(|member| *member != id);
            }
            circle.title = change.title.unwrap_or(circle.title);
            circle.description = change.description.unwrap_or(circle.description);
            Ok(vec![Act::Circle(circle)])
        });
        self.record(caller, decide).await?;
        self.circle(caller, id)
    }
}
