//! DISARM's own STIX names its kill chain `mitre-attack`, and so do its references, so that programs
//! show its techniques among those of ATT&CK. They are given their own name here.

use bytes::Bytes;
use serde_json::Value;

/// What tells an object of DISARM, in the address that it refers to.
const MARK: &str = "DISARMFoundation/DISARMframeworks";
const WRONG: &str = "mitre-attack";
const NAME: &str = "DISARM";
/// Lower case, as 10.13 of STIX 2.1 asks of names of kill chains.
const KILL_CHAIN: &str = "disarm";

/// The object with DISARM's own name; none when there is nothing to mend.
pub(super) fn mended(bytes: &[u8]) -> Option<Bytes> {
    memchr::memmem::find(bytes, MARK.as_bytes())?;
    memchr::memmem::find(bytes, WRONG.as_bytes())?;
    let mut object: Value = serde_json::from_slice(bytes).ok()?;
    let is_of_disarm = |reference: &Value| {
        let url = reference.get("url").and_then(Value::as_str);
        url.is_some_and(|url| url.contains(MARK))
    };
    let references = object.get_mut("external_references")?.as_array_mut()?;
    if !references.iter().any(is_of_disarm) {
        return None;
    }
    let mut changed = false;
    let mut rename = |of: &mut Value, property: &str, name: &str| {
        if let Some(value) = of.get_mut(property).filter(|value| *value == WRONG) {
            *value = name.into();
            changed = true;
        }
    };
    for reference in references
        .iter_mut()
        .filter(|reference| is_of_disarm(reference))
    {
        rename(reference, "source_name", NAME);
    }
    if let Some(phases) = object
        .get_mut("kill_chain_phases")
        .and_then(Value::as_array_mut)
    {
        for phase in phases {
            rename(phase, "kill_chain_name", KILL_CHAIN);
        }
    }
    changed.then(|| object.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TECHNIQUE: &str = r#"{"type":"attack-pattern","name":"Use Copypasta",
        "kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"develop-content"}],
        "external_references":[{"source_name":"mitre-attack","external_id":"T0084.001",
        "url":"https://github.com/DISARMFoundation/DISARMframeworks/blob/main/x.md"}]}"#;

    #[test]
    fn what_is_of_disarm_is_called_so() {
        let mended: Value = serde_json::from_slice(&mended(TECHNIQUE.as_bytes()).unwrap()).unwrap();
        assert_eq!(mended["kill_chain_phases"][0]["kill_chain_name"], "disarm");
        assert_eq!(mended["external_references"][0]["source_name"], "DISARM");
        assert_eq!(mended["external_references"][0]["external_id"], "T0084.001");
    }

    #[test]
    fn what_is_of_others_stays() {
        let other = TECHNIQUE.replace("DISARMFoundation", "mitre");
        assert!(mended(other.as_bytes()).is_none());
        let quoted = r#"{"description":"DISARMFoundation/DISARMframeworks is not mitre-attack"}"#;
        assert!(mended(quoted.as_bytes()).is_none());
    }
}
