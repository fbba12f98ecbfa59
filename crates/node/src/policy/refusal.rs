//! Why something is refused.

/// Why something is refused. The words are for people; the case decides the status.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No credentials were given, and without them it is not allowed.
    #[error("sign in first: send a token as Bearer, or as the password of Basic authentication")]
    Anonymous,
    /// The token lacks the scope `read`.
    #[error("this token does not have the scope 'read'")]
    ReadScope,
    /// The token lacks the scope `publish`.
    #[error("this token does not have the scope 'publish'")]
    PublishScope,
    /// The token lacks the scope `administer`.
    #[error("this token does not have the scope 'administer'")]
    AdministerScope,
    /// The token is limited to other collections.
    #[error("this token is limited to other collections")]
    OtherCollections,
    /// The party's stance does not let it publish under this pledge.
    #[error("the stance of this party does not let it publish under this pledge")]
    Stance,
    /// The terms of a partner do not let it publish here today.
    #[error("no terms of this partner that are in force today let it publish here")]
    Terms,
    /// It is neither the party that this is about nor its steward.
    #[error(
        "only the party itself and the steward of the pledge may do this, by a token that is not limited to collections"
    )]
    NoSide,
    /// Nobody answers for a party that has an account of its own.
    #[error("this party has an account that speaks for it here: it answers itself")]
    SpeaksForItself,
    /// Nobody is asked whether it agrees with itself.
    #[error("it is the other side's to agree to show this step")]
    OwnStep,
    /// Nobody judges itself.
    #[error("a party does not judge what it promised itself, nor take steps about it: others do")]
    OwnCommitment,
    /// Who was suspended, or left, judges nobody.
    #[error("a party that is suspended, or has left the pledge, does not judge others under it")]
    LeftStance,
    /// The collection names its publishers and the party is not among them.
    #[error("this collection names its publishers and this party is not among them")]
    Publishers,
    /// Only the party that published an object may change or withdraw it.
    #[error("only the party that first published an object may version, revoke or withdraw it")]
    NotTheCreator,
    /// Nothing is published here by parties: the node itself fills it.
    #[error("this collection is filled by the node: publish into the one it belongs to")]
    Derived,
    /// It takes two persons to erase.
    #[error("erasing takes two persons here: propose it, and let another administrator confirm")]
    TwoPersons,
    /// Who proposed it cannot confirm it.
    #[error("whoever proposed this cannot confirm it: another administrator has to")]
    SamePerson,
    /// A suspended party is told nothing.
    #[error("a party that is suspended is not told of changes")]
    Suspended,
    /// It is for an account of the party that it is about, or for who manages the node.
    #[error(
        "only an account of that party which may read and publish in all collections, or an administrator, may do this"
    )]
    NotThisParty,
    /// The collection takes signed requests alone.
    #[error(
        "this collection takes requests alone that are signed with a key of the party (RFC 9421): \
         see 'entente key' and --sign-key"
    )]
    Unsigned,
    /// It has no part in the request.
    #[error(
        "only the party that asks, the one that is asked, and the steward once it is before it take steps here, by a token that is not limited to collections"
    )]
    NoRole,
    /// Who decided cannot review it.
    #[error(
        "whoever decided cannot review it: another account of this party, or the steward, has to"
    )]
    SameEyes,
    /// No token lives on whose behalf a webhook could be told.
    #[error("no token of this account lives that may read what the webhook was made for")]
    AccountEnded,
}
