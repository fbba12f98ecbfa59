//! Whether observations can be handed out so that every need has as many as it wants: a maximum
//! flow by augmenting paths.

use std::collections::{HashMap, HashSet, VecDeque};

use super::budget::Budget;
use super::evaluate::TooMuch;

/// How many observations are wanted, and which will do.
#[derive(Debug)]
pub(super) struct Need {
    pub(super) times: u64,
    pub(super) admitted: Vec<usize>,
}

/// Hands out observations, each at most as often as `capacity` says, so that every need is met.
/// Gives those that were handed out, rising; none when it cannot be done.
pub(super) fn hand_out(
    capacity: &[u64],
    needs: &[Need],
    budget: &mut Budget,
) -> Result<Option<Vec<usize>>, TooMuch> {
    // what even a need alone cannot have is the commonest reason, and the cheapest to see
    for need in needs {
        let mut had = 0_u64;
        let mut all = need.admitted.iter();
        while had < need.times {
            let Some(observation) = all.next() else {
                return Ok(None);
            };
            budget.spend(1)?;
            had = had.saturating_add(capacity.get(*observation).copied().unwrap_or(0));
        }
    }
    let mut handing = Handing {
        capacity,
        needs,
        given: HashMap::new(),
    };
    for (index, need) in needs.iter().enumerate() {
        let mut missing = need.times - handing.take_free(index, budget)?;
        while missing > 0 {
            let Some(path) = handing.path(index, budget)? else {
                return Ok(None);
            };
            missing -= handing.push(&path, missing);
        }
    }
    let mut used: Vec<usize> = handing.given.into_keys().collect();
    used.sort_unstable();
    Ok(Some(used))
}

struct Handing<'n> {
    capacity: &'n [u64],
    needs: &'n [Need],
    /// Which needs have an observation, and how often.
    given: HashMap<usize, Vec<(usize, u64)>>,
}

impl Handing<'_> {
    fn holders(&self, observation: usize) -> &[(usize, u64)] {
        self.given.get(&observation).map_or(&[], Vec::as_slice)
    }

    fn free(&self, observation: usize) -> u64 {
        let all = self.capacity.get(observation).copied().unwrap_or(0);
        let given: u64 = self
            .holders(observation)
            .iter()
            .map(|(_, times)| times)
            .sum();
        all - given
    }

    /// Gives a need what is free, as far as it goes; how many that are.
    fn take_free(&mut self, index: usize, budget: &mut Budget) -> Result<u64, TooMuch> {
        let needs = self.needs;
        let Some(need) = needs.get(index) else {
            return Ok(0);
        };
        let mut taken = 0;
        for observation in &need.admitted {
            if taken == need.times {
                break;
            }
            budget.spend(1)?;
            let times = self.free(*observation).min(need.times - taken);
            if times > 0 {
                self.change(index, *observation, |given| given + times);
                taken += times;
            }
        }
        Ok(taken)
    }

    /// The shortest way from a need to a free observation: needs, and what each is to take. Each
    /// takes it from the next one, the last from what is free.
    fn path(
        &self,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Option<Vec<(usize, usize)>>, TooMuch> {
        // how a need was reached: the need that wants something of it, and what
        let mut reached = HashMap::new();
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([from]);
        while let Some(need) = queue.pop_front() {
            let admitted = self.needs.get(need).map_or(&[][..], |need| &need.admitted);
            for observation in admitted {
                budget.spend(1)?;
                if !seen.insert(*observation) {
                    continue;
                }
                if self.free(*observation) > 0 {
                    return Ok(Some(walk_back(from, (need, *observation), &reached)));
                }
                for (holder, _) in self.holders(*observation) {
                    if *holder != from && !reached.contains_key(holder) {
                        reached.insert(*holder, (need, *observation));
                        queue.push_back(*holder);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Moves observations along a path, at most `missing`; how many moved.
    fn push(&mut self, path: &[(usize, usize)], missing: u64) -> u64 {
        let taken_from = || {
            let pairs = path.iter().zip(path.iter().skip(1));
            pairs.map(|((_, observation), (holder, _))| (*holder, *observation))
        };
        let mut amount = missing;
        for (holder, observation) in taken_from() {
            let held = self.holders(observation).iter();
            let held = held
                .filter(|(need, _)| *need == holder)
                .map(|(_, times)| times);
            amount = amount.min(held.sum());
        }
        if let Some((_, last)) = path.last() {
            amount = amount.min(self.free(*last));
        }
        for (holder, observation) in taken_from() {
            self.change(holder, observation, |times| times - amount);
        }
        for (need, observation) in path {
            self.change(*need, *observation, |times| times + amount);
        }
        amount
    }

    fn change(&mut self, need: usize, observation: usize, by: impl FnOnce(u64) -> u64) {
        let holders = self.given.entry(observation).or_default();
        let place = holders.iter().position(|(holder, _)| *holder == need);
        match place.and_then(|place| holders.get_mut(place)) {
            Some((_, times)) => *times = by(*times),
            None => holders.push((need, by(0))),
        }
        holders.retain(|(_, times)| *times > 0);
    }
}

fn walk_back(
    from: usize,
    mut last: (usize, usize),
    reached: &HashMap<usize, (usize, usize)>,
) -> Vec<(usize, usize)> {
    let mut path = vec![last];
    while last.0 != from
        && let Some(before) = reached.get(&last.0)
    {
        path.push(*before);
        last = *before;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(capacity: &[u64], needs: &[(u64, &[usize])]) -> Option<Vec<usize>> {
        let needs: Vec<_> = needs
            .iter()
            .map(|(times, admitted)| Need {
                times: *times,
                admitted: admitted.to_vec(),
            })
            .collect();
        hand_out(capacity, &needs, &mut Budget::new(10_000)).unwrap()
    }

    #[test]
    fn observations_move_so_that_every_need_is_met() {
        assert_eq!(given(&[1, 1], &[(1, &[0, 1]), (1, &[0])]), Some(vec![0, 1]));
        assert_eq!(given(&[1, 1], &[(1, &[0]), (1, &[0])]), None);
        assert_eq!(given(&[5, 2], &[(4, &[0, 1]), (3, &[0])]), Some(vec![0, 1]));
        assert_eq!(given(&[5, 1], &[(4, &[0, 1]), (3, &[0])]), None);
        assert_eq!(
            given(&[1, 1, 1], &[(1, &[0, 1]), (1, &[0, 2]), (1, &[0])]),
            Some(vec![0, 1, 2])
        );
        assert_eq!(given(&[9, 9], &[(2, &[0, 1])]), Some(vec![0]));
        assert_eq!(given(&[u64::MAX], &[(u64::MAX, &[0])]), Some(vec![0]));
        assert_eq!(given(&[], &[]), Some(vec![]));
    }

    #[test]
    fn work_is_bounded() {
        let needs = [Need {
            times: 5,
            admitted: (0..5).collect(),
        }];
        let over = hand_out(&[1; 5], &needs, &mut Budget::new(3));
        assert_eq!(over, Err(TooMuch::Work));
    }
}
