//! What the vault did, step by step, for the developer: bounded, and without anything secret.

use alloc::{string::String, vec::Vec};

/// Older steps are forgotten.
const MAX_STEPS: usize = 100;

macro_rules! steps {
    ($( $(#[$doc:meta])* $step:ident = $name:literal, )*) => {
        /// A step of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Step {
            $( $(#[$doc])* $step, )*
        }

        impl Step {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$step, )* ];

            /// Its name at the JavaScript boundary.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$step => $name, )* }
            }
        }
    };
}

steps! {
    /// The vault began, empty.
    VaultStarted = "vault_started",
    /// Provider metadata was asked for.
    MetadataRequested = "metadata_requested",
    /// Provider metadata came and is valid.
    MetadataReceived = "metadata_received",
    /// The provider's keys were asked for.
    JwkSetRequested = "jwk_set_requested",
    /// The provider's keys came.
    JwkSetReceived = "jwk_set_received",
    /// An authorization request is ready; the browser goes to the provider.
    SignInStarted = "sign_in_started",
    /// The browser is back with a callback of ours.
    CallbackReceived = "callback_received",
    /// The callback was refused.
    CallbackRefused = "callback_refused",
    /// A code was sent to the token endpoint.
    TokenRequested = "token_requested",
    /// The token endpoint answered with tokens.
    TokenReceived = "token_received",
    /// The ID token's signature and claims are valid.
    IdTokenVerified = "id_token_verified",
    /// Somebody is signed in.
    SessionStarted = "session_started",
    /// The refresh token was sent to the token endpoint.
    RenewalStarted = "renewal_started",
    /// There is a new access token.
    Renewed = "renewed",
    /// There is no new access token, and the session has ended or has no refresh token.
    RenewalFailed = "renewal_failed",
    /// There is no new access token yet; it is tried again.
    RenewalPostponed = "renewal_postponed",
    /// An API was called with the access token.
    ResourceRequested = "resource_requested",
    /// The API answered.
    ResourceAnswered = "resource_answered",
    /// The UserInfo endpoint was called with the access token.
    UserInfoRequested = "user_info_requested",
    /// The UserInfo endpoint answered, about the same subject.
    UserInfoReceived = "user_info_received",
    /// A sign-out began.
    SignOutStarted = "sign_out_started",
    /// A token was sent to the revocation endpoint.
    RevocationRequested = "revocation_requested",
    /// The provider revoked it.
    Revoked = "revoked",
    /// It could not be revoked.
    RevocationFailed = "revocation_failed",
    /// Another user than before is signed in; nothing of the former one is left.
    UserChanged = "user_changed",
    /// A session that was kept is taken up again.
    Restored = "restored",
    /// The parameters of a sign-in were handed to the provider beforehand.
    RequestPushed = "request_pushed",
    /// A sign-in was given up before its callback came.
    SignInCancelled = "sign_in_cancelled",
    /// Nobody is signed in any more; the tokens are gone.
    SessionEnded = "session_ended",
}

/// A step, and when it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds since 1970.
    pub at: u64,
    /// What was done.
    pub step: Step,
    /// What is worth knowing of it.
    pub detail: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Trace(Vec<Entry>);

impl Trace {
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.0.len() >= MAX_STEPS {
            self.0.remove(0);
        }
        self.0.push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.clone()
    }
}
