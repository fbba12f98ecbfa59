//! Private matching: an oblivious pseudorandom function (RFC 9497, mode OPRF, suite
//! ristretto255-SHA512), and sets that are published by its outputs.
//!
//! The holder of a set has a [`ServerKey`] and publishes an [`OfferedSet`]: the function's outputs for
//! its elements. Who asks blinds each own element ([`Blinds::blind`]), the holder evaluates what it
//! cannot read ([`ServerKey::evaluate`]), and who asked unblinds ([`Blinds::finalize`]) and looks the
//! outputs up in the set.
//!
//! What each side learns: the holder, how many elements were asked about, and nothing of which; who
//! asks, which of its own elements are in the set, and about how large the set is. Guessing elements
//! of the set takes one evaluation by the holder a guess, which is what it can count and limit. Mode
//! OPRF proves nothing about the key: a holder that answers with another key makes matches fail, and
//! learns nothing from that.
//!
//! The group and the hash are libraries'; what stands here is the RFC's sections 3.2 and 3.3.1, with
//! batches. Scalars of batches are inverted at once (Montgomery's trick), and elements are encoded at
//! once, as doubles of products with half the scalar.

mod set;

use std::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use sha2::{Digest as _, Sha512};
use thiserror::Error;
use zeroize::Zeroize as _;

pub use set::{BrokenSet, Content, OfferedSet};

/// `contextString` (§3.1): the mode and the suite.
const CONTEXT: &[u8] = b"OPRFV1-\x00-ristretto255-SHA512";
/// Octets of an element of the group, and of a seed.
pub const ELEMENT: usize = 32;
/// Octets of the longest input (§3.3.1).
pub const LONGEST_INPUT: usize = u16::MAX as usize;

/// An element of the group, encoded.
pub type Element = [u8; ELEMENT];
/// What the function gives.
pub type Output = [u8; 64];

/// Why something was not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// An element is no valid encoding, or the identity (§2.1, `DeserializeElement`).
    #[error("element {0} is not a valid encoding of the group")]
    NotAnElement(usize),
    /// An input is too long, or hashes to the identity, which no one will ever see.
    #[error("input {0} cannot be asked about: it is longer than 65,535 octets")]
    BadInput(usize),
    /// The answer has another number of elements than the question.
    #[error("{found} elements were answered where {asked} were asked about")]
    Count {
        /// How many were sent.
        asked: usize,
        /// How many came back.
        found: usize,
    },
    /// No key can be derived, which no one will ever see (§3.2.1).
    #[error("no key can be derived from this seed")]
    NoKey,
}

/// The holder's key. It is never shown, and forgotten when it is dropped.
#[derive(Clone)]
pub struct ServerKey {
    scalar: Scalar,
}

impl Drop for ServerKey {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(..)")
    }
}

impl ServerKey {
    /// The key that a secret seed gives for a use (`DeriveKeyPair`, §3.2.1).
    ///
    /// # Errors
    /// [`Error::NoKey`], with a probability of 2⁻²⁵⁰⁰.
    pub fn derive(seed: &[u8; 32], info: &[u8]) -> Result<Self, Error> {
        let length = u16::try_from(info.len()).map_err(|_| Error::NoKey)?;
        for counter in 0..=u8::MAX {
            let message: [&[u8]; 4] = [seed, &length.to_be_bytes(), info, &[counter]];
            let scalar = hash_to_scalar(&message, b"DeriveKeyPair");
            if scalar != Scalar::ZERO {
                return Ok(Self { scalar });
            }
        }
        Err(Error::NoKey)
    }

    /// What tells this key from others: the first octets of the hash of its public key.
    pub fn id(&self) -> [u8; 8] {
        let public = (self.scalar * RISTRETTO_BASEPOINT_POINT).compress();
        let digest = Sha512::digest(public.as_bytes());
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// Evaluates blinded elements (`BlindEvaluate`, §3.3.1).
    ///
    /// # Errors
    /// [`Error::NotAnElement`].
    pub fn evaluate(&self, blinded: &[Element]) -> Result<Vec<Element>, Error> {
        let half = self.scalar.div_by_2();
        let mut products = Vec::with_capacity(blinded.len());
        for (at, element) in blinded.iter().enumerate() {
            products.push(half * decode(element, at)?);
        }
        Ok(encode_doubled(&products))
    }

    /// What the function gives for the holder's own inputs (`Evaluate`, §3.3.1).
    ///
    /// # Errors
    /// [`Error::BadInput`].
    pub fn outputs<I: AsRef<[u8]>>(&self, inputs: &[I]) -> Result<Vec<Output>, Error> {
        let half = self.scalar.div_by_2();
        let mut products = Vec::with_capacity(inputs.len());
        for (at, input) in inputs.iter().enumerate() {
            products.push(half * hash_to_group(input.as_ref(), at)?);
        }
        let issued = encode_doubled(&products);
        let pairs = inputs.iter().zip(&issued);
        Ok(pairs
            .map(|(input, issued)| output(input.as_ref(), issued))
            .collect())
    }
}

/// What who asks keeps between question and answer.
pub struct Blinds(Vec<Scalar>);

impl fmt::Debug for Blinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blinds({})", self.0.len())
    }
}

impl Blinds {
    /// Blinds inputs (`Blind`, §3.3.1): what to keep, and what to send. `random` fills a slice with
    /// octets that nobody can predict; the same input is never blinded twice alike.
    ///
    /// # Errors
    /// [`Error::BadInput`].
    pub fn blind<I: AsRef<[u8]>>(
        inputs: &[I],
        random: &mut impl FnMut(&mut [u8]),
    ) -> Result<(Self, Vec<Element>), Error> {
        let mut scalars = Vec::with_capacity(inputs.len());
        while scalars.len() < inputs.len() {
            // 512 bits reduced: uniform but for 2⁻²⁵⁶ (§4.7.2, the second way)
            let mut wide = [0; 64];
            random(&mut wide);
            let scalar = Scalar::from_bytes_mod_order_wide(&wide);
            if scalar != Scalar::ZERO {
                scalars.push(scalar);
            }
        }
        Self::with(inputs, scalars)
    }

    fn with<I: AsRef<[u8]>>(
        inputs: &[I],
        scalars: Vec<Scalar>,
    ) -> Result<(Self, Vec<Element>), Error> {
        let mut products = Vec::with_capacity(inputs.len());
        for ((at, input), scalar) in inputs.iter().enumerate().zip(&scalars) {
            products.push(scalar.div_by_2() * hash_to_group(input.as_ref(), at)?);
        }
        Ok((Self(scalars), encode_doubled(&products)))
    }

    /// Unblinds the answer (`Finalize`, §3.3.1): the outputs for the inputs, in their order.
    ///
    /// # Errors
    /// [`Error::NotAnElement`], [`Error::Count`].
    pub fn finalize<I: AsRef<[u8]>>(
        &self,
        inputs: &[I],
        evaluated: &[Element],
    ) -> Result<Vec<Output>, Error> {
        let mut scalars = self.0.clone();
        if evaluated.len() != scalars.len() || inputs.len() != scalars.len() {
            return Err(Error::Count {
                asked: scalars.len(),
                found: evaluated.len(),
            });
        }
        if !scalars.is_empty() {
            Scalar::invert_batch_alloc(&mut scalars);
        }
        let mut products = Vec::with_capacity(inputs.len());
        for ((at, element), inverse) in evaluated.iter().enumerate().zip(&scalars) {
            products.push(inverse.div_by_2() * decode(element, at)?);
        }
        let unblinded = encode_doubled(&products);
        let pairs = inputs.iter().zip(&unblinded);
        Ok(pairs
            .map(|(input, element)| output(input.as_ref(), element))
            .collect())
    }
}

fn decode(element: &Element, at: usize) -> Result<RistrettoPoint, Error> {
    let point = CompressedRistretto(*element).decompress();
    point
        .filter(|point| !point.is_identity())
        .ok_or(Error::NotAnElement(at))
}

/// The encodings of the doubles.
fn encode_doubled(points: &[RistrettoPoint]) -> Vec<Element> {
    let encoded = RistrettoPoint::double_and_compress_batch(points);
    encoded.into_iter().map(|one| one.to_bytes()).collect()
}

/// The hash that ends the function (§3.3.1).
fn output(input: &[u8], element: &Element) -> Output {
    let length = u16::try_from(input.len()).unwrap_or(u16::MAX);
    let hash = Sha512::new()
        .chain_update(length.to_be_bytes())
        .chain_update(input)
        .chain_update([0, 32])
        .chain_update(element)
        .chain_update(b"Finalize");
    hash.finalize().into()
}

/// `HashToGroup` (§4.1): `hash_to_ristretto255` of RFC 9380, appendix B.
fn hash_to_group(input: &[u8], at: usize) -> Result<RistrettoPoint, Error> {
    if input.len() > LONGEST_INPUT {
        return Err(Error::BadInput(at));
    }
    let uniform = expand(&[input], &[b"HashToGroup-", CONTEXT]);
    let point = RistrettoPoint::from_uniform_bytes(&uniform);
    if point.is_identity() {
        return Err(Error::BadInput(at));
    }
    Ok(point)
}

/// `HashToScalar` (§4.1) under a tag that the context follows.
fn hash_to_scalar(message: &[&[u8]], tag: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand(message, &[tag, CONTEXT]))
}

/// `expand_message_xmd` with SHA-512 to 64 octets (RFC 9380 §5.3.1), which is one block of output.
/// Tags here are far below its limit of 255 octets.
fn expand(message: &[&[u8]], tag: &[&[u8]]) -> [u8; 64] {
    let length: usize = tag.iter().map(|part| part.len()).sum();
    let length = u8::try_from(length).unwrap_or(u8::MAX);
    let with_tag = |mut hash: Sha512| {
        for part in tag {
            hash.update(part);
        }
        hash.update([length]);
        hash.finalize()
    };
    let mut first = Sha512::new().chain_update([0; 128]);
    for part in message {
        first.update(part);
    }
    let first = with_tag(first.chain_update([0, 64, 0]));
    with_tag(Sha512::new().chain_update(first).chain_update([1])).into()
}

#[cfg(test)]
mod tests;
