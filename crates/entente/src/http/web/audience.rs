//! Who can see a signal and who fetched it, on its page: for those who publish it.

use node::Error;

use super::Frame;
use crate::http::error::Refused;
use crate::http::pages::audience::AudiencePart;
use crate::present::audience::{Audience, Fetched};

/// What publishers of a signal are told; nothing for anybody else.
pub(super) fn part(frame: &Frame, signal: &str) -> Result<AudiencePart, Refused> {
    let reports = match frame.node.audience(&frame.caller, signal) {
        Ok(reports) => reports,
        Err(Error::Refused(_) | Error::NotFound(_)) => return Ok(AudiencePart::default()),
        Err(error) => return Err(error.into()),
    };
    let audiences: Vec<Audience> = reports.into_iter().map(Audience::from).collect();
    let fetches = frame.node.fetched(&frame.caller, signal)?;
    let fetches: Vec<Fetched> = fetches.into_iter().map(Fetched::from).collect();
    let register = frame.directory.register();
    let parties = audiences.iter().flat_map(|one| &one.parties);
    let ids = parties.map(|party| party.party.as_str());
    let ids = ids.chain(fetches.iter().filter_map(|fetch| fetch.party.as_deref()));
    let names = ids
        .filter_map(|id| Some((id.to_owned(), register.party(id)?.name.clone())))
        .collect();
    Ok(AudiencePart {
        audiences,
        fetches,
        names,
    })
}
