//! Authorization responses as JWTs (JARM), behind the signature: every rule once more, by another reader.

use valetkey::protocol::{
    authorization::State,
    jose::{
        base64url,
        header::Header,
        jws::{CompactJws, VerifiedPayload},
    },
    signed_response::{claimed_state, process},
    time::{ClockTolerance, Timestamp},
};

use crate::{CANARY, ISSUER, NOW, check_error, issuer, member, read_again, sections};

const CLIENT: &str = "spa";

/// `header ␞ claims`; a header that is empty is the usual one.
pub fn run(data: &[u8]) {
    let [header, claims] = sections(data);
    let header: &[u8] = if header.is_empty() { br#"{"alg":"ES256"}"# } else { header };
    let token = format!("{}.{}.AA", base64url::encode(header), base64url::encode(claims));
    if let Ok(token) = CompactJws::parse(&token)
        && let Some(state) = claimed_state(&token, "tag")
    {
        let theirs = read_again(claims);
        assert!(theirs.is_null() || theirs["state"] == state.as_str());
        assert_eq!(State::recognise("tag", state.as_str()), Some(state));
    }
    let Ok(parsed) = Header::parse(header) else {
        return;
    };
    let payload = VerifiedPayload { header: parsed.clone(), payload: claims.to_owned() };
    let judge = |client: &str, now: u64| {
        process(&payload, &issuer(), client, Timestamp::from_seconds(now), ClockTolerance::DEFAULT)
    };
    match judge(CLIENT, NOW) {
        Ok(parameters) => {
            assert!(parsed.token_type.is_none_or(|kind| kind.to_lowercase() == "jwt"));
            judge("other", NOW).expect_err("it is for another client");
            judge(CLIENT, u64::MAX >> 1).expect_err("it has expired");
            let theirs = read_again(claims);
            if theirs.is_null() {
                return;
            }
            assert_eq!(theirs["iss"], ISSUER);
            assert!(theirs["aud"] == CLIENT || theirs["aud"] == serde_json::json!([CLIENT]));
            assert!(theirs["exp"].as_f64().is_some_and(|seconds| seconds + 301.0 > 1_790_000_000.0));
            for name in ["code", "state", "error", "iss", "session_state", "id_token"] {
                let text = member(&theirs, name).and_then(|value| value.as_str());
                assert_eq!(parameters.first(name), text, "{name}");
            }
            let code = theirs["code"].as_str().filter(|code| code.contains(CANARY));
            assert!(code.is_none_or(|code| !format!("{parameters:?}").contains(code)), "a code is shown");
        }
        Err(error) => check_error(&error, &[CANARY]),
    }
}
