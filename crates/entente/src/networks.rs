//! Networks that addresses stand for, and tables of them that do not grow: to count what comes from where.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

/// Leaves at most so many in a map: of more the oldest go, a tenth of all at once.
pub(crate) fn forget_oldest<K: Eq + Hash, V, A: Ord + Copy>(
    known: &mut HashMap<K, V>,
    most: usize,
    age: impl Fn(&V) -> A,
) {
    if known.len() <= most {
        return;
    }
    let mut ages: Vec<A> = known.values().map(&age).collect();
    let at = (known.len() - most + most / 10).min(ages.len() - 1);
    let (older, oldest, _) = ages.select_nth_unstable(at);
    let oldest = *oldest;
    // Those of the same age go as far as there is need.
    let mut same = older.iter().filter(|age| **age == oldest).count();
    known.retain(|_, value| match age(value).cmp(&oldest) {
        Ordering::Less => false,
        Ordering::Equal if same > 0 => {
            same -= 1;
            false
        }
        _ => true,
    });
}

/// Of IPv6 the network that one subscriber has at least (RFC 6177).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => match long.to_ipv4_mapped() {
            Some(short) => IpAddr::V4(short),
            None => IpAddr::V6((u128::from(long) >> 64 << 64).into()),
        },
    }
}

/// Of IPv6 the network that one site has at most, as a rule (RFC 6177).
pub(crate) fn site(address: IpAddr) -> Option<IpAddr> {
    match network(address) {
        IpAddr::V4(_) => None,
        IpAddr::V6(long) => Some(IpAddr::V6((u128::from(long) >> 80 << 80).into())),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_subscriber_has_one_pace() {
        let network = |text: &str| super::network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:3"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
