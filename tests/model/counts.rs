//! What has happened in all stories together: a test in which nothing happens finds nothing.

macro_rules! counts {
    ($( $(#[$doc:meta])* $name:ident = $words:literal, )*) => {
        /// How often each thing happened.
        #[derive(Clone, Debug, Default)]
        pub struct Counts {
            $( $(#[$doc])* pub $name: u64, )*
        }

        impl Counts {
            pub fn add(&mut self, other: &Self) {
                $( self.$name += other.$name; )*
            }

            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$( ($words, self.$name), )*]
            }
        }
    };
}

counts! {
    sessions = "sessions",
    user_switches = "user switches",
    rotations = "rotations",
    renewals_without_rotation = "renewals without rotation",
    answers_lost = "answers lost",
    timeouts = "timeouts",
    /// A refresh token was sent again after a failure that left its fate open.
    second_tries = "second tries",
    ends_by_refusal = "ends by refusal",
    ends_by_reuse = "ends by reuse after a lost answer",
    sign_outs = "sign-outs",
    sign_outs_during_renewal = "sign-outs during a renewal",
    sign_outs_during_sign_in = "sign-outs during a sign-in",
    ends_by_provider = "sign-outs by the provider",
    late_tokens = "late tokens",
    refused_callbacks = "callbacks refused",
    cancelled = "sign-ins given up",
    crashes = "crashes",
    sleeps = "device sleeps",
    clock_changes = "clock changes",
    key_rotations = "key rotations",
    joined = "calls that shared a renewal",
    calls = "calls of APIs",
    other_calls = "calls with a token of a second target",
    bound_calls = "calls with a proof",
    stale_calls = "calls refused for the token's sake",
    nonces = "proofs refused for their nonce",
}
