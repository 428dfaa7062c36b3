//! Whole flows: a vault, a clock that jumps, a page that does things in any order, and a provider that answers whatever
//! the fuzzer wrote.

use valetkey::{
    error::Error,
    platform::{ResourceRequest, memory::MemoryBody},
    protocol::authorization::Prompting,
    vault::{Mode, SignInOptions, SignOutOptions, SignedOut, message::Snapshot},
};

use crate::{
    CANARY, check_error,
    provider::{Answers, Client, RESPONSE, origin},
    sections,
};

/// Longer stories tell nothing new.
const MAX_STEPS: usize = 24;

/// `steps ␞ metadata ␞ JWK Set ␞ header ␞ claims ␞ token response ␞ UserInfo ␞ callback ␞ URL of a call`
///
/// A section that is empty is the usual one. In the claims `$N` stands for the nonce and `$T` for the time, in the token
/// response `$A`, `$R` and `$I` for the tokens, in the callback `$S` for the state and `code=$C` for the code.
pub fn run(data: &[u8]) {
    if data.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()) {
        return;
    }
    let [steps, metadata, keys, header, claims, tokens, user_info, callback, url] = sections(data).map(<[u8]>::to_vec);
    let callback = String::from_utf8(callback).unwrap_or_default();
    let callback = if callback.is_empty() { RESPONSE } else { &callback };
    let url = String::from_utf8(url).unwrap_or_default();
    let url = if url.is_empty() { "https://api.example/v1/notes" } else { &url };
    let mut client = Client::new(Answers { metadata, keys, header, claims, tokens, user_info });
    let (mut verdict, mut store_broken) = (Some(true), false);

    for step in steps.into_iter().take(MAX_STEPS) {
        let before = client.vault.snapshot();
        match step {
            b's' => {
                client
                    .sign_in(SignInOptions { return_to: Some("/inbox?a=b#c".to_owned()), ..SignInOptions::default() });
            }
            b'm' => {
                let acr_values = Some("gold silver".to_owned());
                let prompting = Prompting { max_age: Some(0), acr_values, ..Prompting::default() };
                client.sign_in(SignInOptions {
                    mode: Mode::Redirect,
                    return_to: Some(url.to_owned()),
                    prompting,
                    attended: true,
                    lasting: true,
                    same_user: true,
                    ..SignInOptions::default()
                });
            }
            b'c' => {
                client.copy_left |= store_broken;
                let arrival = client.come_back(callback);
                // A callback that is refused changes no session.
                assert!(arrival.error.is_none() || arrival.snapshot == before);
                assert!(arrival.snapshot == before || verdict == Some(true), "signed in without a signature");
            }
            b'f' => {
                let request = ResourceRequest {
                    url: url.to_owned(),
                    method: "GET".to_owned(),
                    headers: Vec::new(),
                    authorization: None,
                    proof: None,
                    attachment: MemoryBody::Kept,
                };
                check(client.world.run(client.vault.fetch(request)));
            }
            b'u' => check(client.world.run(client.vault.user_info())),
            b'o' | b'l' => {
                let return_to = Some(url.to_owned());
                let options = SignOutOptions { return_to, local: step == b'l', ..SignOutOptions::default() };
                let outcome = client.world.run(client.vault.sign_out(options));
                assert!(matches!(client.vault.snapshot(), Snapshot::SignedOut { .. }));
                if let Ok(SignedOut { url: Some(target), .. }) = &outcome {
                    let endpoint = client.answers.metadata();
                    assert_eq!(Some(origin(target)), endpoint["end_session_endpoint"].as_str().map(origin));
                }
                check(outcome);
            }
            b'v' => client.world.run(client.vault.wake()),
            b'p' => client.world.pass(100),
            b'P' => client.world.pass(4000),
            b'w' => client.world.set_wall_clock(crate::NOW - 5000),
            b'r' => client.reload(),
            b'1' | b'0' | b'n' => {
                verdict = if step == b'n' { None } else { Some(step == b'1') };
                client.world.set_verdict(verdict);
            }
            b'd' => client.refuse_proofs(),
            b'k' | b'K' => client.refuse_tokens(step == b'k'),
            b'a' | b'e' | b'i' => client.answer(match step {
                b'a' => 200,
                b'e' => 503,
                _ => 400,
            }),
            b'x' | b'y' => {
                store_broken = step == b'x';
                client.world.break_store(store_broken);
            }
            b'z' | b'Z' => client.world.break_random(step == b'z'),
            b't' => {
                client.world.tamper_with_store(|value| value.replace("iss=1", "iss=").replace("started=", "started=1"));
            }
            _ => {}
        }
        client.check();
    }
    // However the story went, a page asks for a bounded number of documents.
    assert!(client.world.requests().len() <= 16 * MAX_STEPS);
}

fn check<T>(outcome: Result<T, Error>) {
    if let Err(error) = outcome {
        check_error(&error, &[CANARY]);
    }
}
