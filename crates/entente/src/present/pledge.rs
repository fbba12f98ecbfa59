//! The pledge: its text in our own words, its principles and how many stand where.

use jiff::civil::Date;
use node::Node;
use node::pledge::{Pledge as Loaded, Stance};
use serde::{Deserialize, Serialize};

/// The pledge a node runs on: `GET /api/v1/pledge`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pledge {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) disclaimer: String,
    pub(crate) adopted: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) steward: Option<String>,
    pub(crate) binding: bool,
    pub(crate) principles: Vec<Principle>,
    /// Who sees which marking because of its stance, and who may publish.
    pub(crate) visibility: Visibility,
    pub(crate) parties: Vec<StanceCount>,
}

/// One numbered principle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Principle {
    pub(crate) number: u16,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) harms: Vec<String>,
}

/// The pledge's table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Visibility {
    pub(crate) green: Vec<Stance>,
    pub(crate) amber: Vec<Stance>,
    pub(crate) publish: Vec<Stance>,
    /// Who sees which marking of what is confined to a circle that it is in.
    pub(crate) circle: CircleVisibility,
}

/// The pledge's table for circles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CircleVisibility {
    pub(crate) green: Vec<Stance>,
    pub(crate) amber: Vec<Stance>,
    pub(crate) amber_strict: Vec<Stance>,
}

/// How many parties have a stance today.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StanceCount {
    pub(crate) stance: Stance,
    pub(crate) count: usize,
}

/// The pledge that `node` runs on, with today's counts; none before one is loaded.
pub(crate) fn pledge(node: &Node) -> Option<Pledge> {
    let directory = node.directory();
    let counts = directory.register().counts(node.now().day());
    let parties = Stance::ALL
        .iter()
        .map(|stance| StanceCount {
            stance: *stance,
            count: counts.of(*stance).total(),
        })
        .filter(|row| row.count > 0)
        .collect();
    Some(Pledge::of(directory.pledge()?, parties))
}

impl Pledge {
    /// A pledge and how many stand where.
    pub(crate) fn of(loaded: &Loaded, parties: Vec<StanceCount>) -> Self {
        let principle = |principle: &node::pledge::Principle| Principle {
            number: principle.number,
            id: principle.id.clone(),
            title: principle.title.clone(),
            summary: principle.summary.clone(),
            harms: principle.harms.iter().map(ToString::to_string).collect(),
        };
        let table = &loaded.visibility;
        Pledge {
            id: loaded.id.clone(),
            name: loaded.name.clone(),
            summary: loaded.summary.clone(),
            disclaimer: loaded.disclaimer.clone(),
            adopted: loaded.adopted,
            place: loaded.place.clone(),
            steward: loaded.steward.clone(),
            binding: loaded.binding,
            principles: loaded.principles.iter().map(principle).collect(),
            visibility: Visibility {
                green: table.green.clone(),
                amber: table.amber.clone(),
                publish: table.publish.clone(),
                circle: CircleVisibility {
                    green: table.circle.green.clone(),
                    amber: table.circle.amber.clone(),
                    amber_strict: table.circle.amber_strict.clone(),
                },
            },
            parties,
        }
    }
}
