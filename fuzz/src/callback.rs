//! The authorization response: read and judged alone, and as the page load of a vault that waits for one.

use valetkey::{
    error::{Reason, Violation},
    protocol::authorization::{CallbackParameters, State, process},
    vault::{SignInOptions, message::Snapshot},
};

use crate::{
    CANARY, ISSUER, check_error, check_same, issuer,
    provider::{Answers, Client},
};

/// A query; `$S` stands for the state, `code=$C` for a code.
pub fn run(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    alone(query);
    if !query.contains(CANARY) {
        page_load(query);
    }
}

fn alone(query: &str) {
    let parameters = match check_same(|| CallbackParameters::parse(query)) {
        Ok(parameters) => parameters,
        Err(error) => {
            assert!(error.is(Violation::CallbackTooLarge) || error.is(Violation::CallbackMalformed));
            return check_error(&error, &[query]);
        }
    };
    assert!(query.len() <= 64 * 1024);
    let theirs: Vec<(String, String)> = ::url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let all = |name: &str| {
        theirs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(parameters.first("code"), all("code").first().copied());
    if let Some(state) = parameters.state("tag") {
        assert!(all("state").contains(&state.as_str()));
        assert!(state.as_str().starts_with("vk_tag") && state.as_str().len() == 6 + 43);
        assert_eq!(State::recognise("tag", state.as_str()), Some(state));
    }
    for expected in [true, false] {
        let outcome = process(&parameters, &issuer(), expected);
        let front = ["access_token", "id_token", "refresh_token"].iter().any(|name| !all(name).is_empty());
        match outcome {
            Ok(code) => {
                assert!(!front);
                assert_eq!(all("code"), [code.expose().as_str()]);
                assert!(!code.expose().is_empty() && code.expose().len() <= 16 * 1024);
                assert!(all("error").iter().all(|error| error.is_empty()) && all("state").len() <= 1);
            }
            Err(error) => {
                let secrets: Vec<_> = all("code").into_iter().chain(all("access_token")).collect();
                check_error(&error, &secrets);
                let Reason::Provider(_) = error.reason() else {
                    continue;
                };
                assert!(!front && all("error").len() == 1 && all("code").iter().all(|code| code.is_empty()));
            }
        }
        // Whether it was taken or was the provider's refusal: it was this provider's.
        let issuers: Vec<_> = all("iss").into_iter().filter(|issuer| !issuer.is_empty()).collect();
        assert!(issuers == [ISSUER] || (issuers.is_empty() && !expected));
    }
}

fn page_load(query: &str) {
    let mut client = Client::new(Answers::default());
    client.sign_in(SignInOptions::default());
    let arrival = client.come_back(query);
    client.check();
    let signed_in = matches!(client.vault.snapshot(), Snapshot::SignedIn { .. });
    assert_eq!(signed_in, matches!(arrival.snapshot, Snapshot::SignedIn { .. }));
    assert!(!signed_in || (arrival.error.is_none() && arrival.location.as_deref() == Some("/cb")));
    if signed_in {
        // What was used once is of no use again, and changes nothing.
        let again = client.come_back(query);
        assert!(again.error.is_some_and(|error| error.is(Violation::CallbackReplayed)));
        assert_eq!(again.snapshot, arrival.snapshot);
        // The state was there, and the issuer was named.
        let query = query.split('#').next().unwrap_or_default().replace("$S", &client.state);
        let theirs: Vec<(String, String)> = ::url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let has = |name: &str, value: &str| theirs.iter().any(|(other, given)| other == name && given == value);
        assert!(has("state", &client.state) && has("iss", ISSUER));
    }
}
