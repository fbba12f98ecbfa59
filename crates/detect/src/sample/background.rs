//! Links of all sizes, shared while they live.

use super::people::{People, REGIONS};
use super::random::{Random, Weighted};
use super::{HOUR, Making, SPAN};

/// A link: where it is of interest, since when, and for how long half of its shares take.
#[derive(Debug, Clone, Copy)]
struct Link {
    object: u32,
    region: Option<u32>,
    birth: f64,
    life: f64,
}

/// All links.
#[derive(Debug)]
pub(super) struct Links {
    all: Vec<Link>,
    by_popularity: Weighted,
}

impl Links {
    pub(super) fn draw(rows: u32, making: &mut Making, random: &mut Random) -> Self {
        let mut link = || Link {
            object: making.object(),
            region: random.chance(0.8).then(|| random.below(REGIONS)),
            birth: random.between(-0.05, 1.0) * SPAN,
            life: 3.0 * HOUR * random.spread(1.2),
        };
        let all: Vec<Link> = (0..(rows / 6).max(100)).map(|_| link()).collect();
        // Zipf's law with exponent 0.8
        let weights = (1_u32..)
            .zip(&all)
            .map(|(rank, _)| f64::from(rank).powf(-0.8));
        let by_popularity = Weighted::new(weights);
        Self { all, by_popularity }
    }

    /// A link and a time when somebody shares it.
    pub(super) fn moment(&self, random: &mut Random) -> (u32, Option<u32>, f64) {
        let link = self.all.get(self.by_popularity.draw(random) as usize);
        let link = link.copied().unwrap_or(Link {
            object: 0,
            region: None,
            birth: 0.0,
            life: HOUR,
        });
        let time = link.birth + random.reaction(link.life, 1.3);
        (link.object, link.region, time)
    }

    /// Adds rows until there are enough.
    pub(super) fn fill(
        &self,
        rows: u32,
        people: &People,
        making: &mut Making,
        random: &mut Random,
    ) {
        while making.shares.len() < rows as usize {
            let (object, region, time) = self.moment(random);
            let account = people.awake(time, region, random);
            making.share(object, account, people.get(account).sends(time, random));
        }
    }
}
