/// A whole log read anew: any flipped bit is found, and named.
mod fsck;
/// Whatever is read: an error or a value that prints as it was, and never a panic.
mod mutated;
/// A tree by its definition, and tiles cut out of it.
mod naive;
/// The crates `tlog_tiles` and `signed_note`, which nobody here wrote.
mod oracle;
/// Policies: which checkpoints they accept, and what is wrong with them.
mod policy;
/// Proofs are those of the definition; what is changed does not verify.
mod proofs;
/// A witness: each status of `add-checkpoint`, races, restarts.
mod witness;
