use super::*;

fn subscription(number: usize, confirmed: bool) -> Subscription {
    Subscription {
        id: format!("{number:032x}"),
        address: format!("{number}@example.org"),
        topics: vec!["register".into()],
        schedule: Schedule::new(false, 1, 7, "UTC").unwrap(),
        account: None,
        made: 1,
        confirmed: confirmed.then_some(1),
        told: 1,
        due: if confirmed { 10 } else { 1000 },
        sent: None,
        stopped: None,
    }
}

#[test]
fn a_flood_of_confirmations_makes_no_digest_late() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let reader = subscription(0, true);
    store.write(|write| put(write, &reader)).unwrap();
    let ask = |number: usize| {
        let asked = [u8::try_from(number).unwrap(); 32];
        assert!(store.ask(&subscription(number, false), &asked).unwrap());
    };
    (1..=CONFIRMATIONS).for_each(ask);
    store.collect(10, 10, |_| (10, 99)).unwrap();
    let next = || store.next_message(10).unwrap().unwrap();
    // A few are sent in their order.
    assert_eq!(next().digest, None);
    ask(CONFIRMATIONS + 1);
    let digest = next();
    assert_eq!(
        (digest.digest, &digest.subscription.id),
        (Some(10), &reader.id)
    );
    store.done(&digest, Some(10)).unwrap();
    // Nothing else is left out for it.
    for _ in 0..=CONFIRMATIONS {
        let due = next();
        assert_eq!(due.digest, None);
        store.done(&due, Some(10)).unwrap();
    }
    assert_eq!(store.next_message(10).unwrap(), None);
}
