//! The ID token behind its signature: header and claims are the fuzzer's, and every rule that an accepted one must have
//! kept is asked again of another reader. An accepted token is refused where one thing that it is held against changes.

use valetkey::{
    protocol::{
        authorization::Nonce,
        id_token::{self, Expectation, Occasion, access_token_hash},
        issuer::Issuer,
        jose::{
            base64url,
            jws::{CompactJws, VerifiedPayload},
        },
        time::{ClockTolerance, Timestamp},
        user_info,
    },
    secret::Secret,
};

use crate::{CANARY, ISSUER, NOW, check_error, issuer, member, read_again, sections};

const CLIENT: &str = "spa";
const SUBJECT: &str = "ada";
const NONCE: &str = "CANARY-nonce";
const ACCESS_TOKEN: &str = "CANARY-access";
const TOLERANCE: u64 = 300;

/// `header ␞ claims ␞ max_age ␞ acr_values`
pub fn run(data: &[u8]) {
    let [header, claims, max_age, acr_values] = sections(data);
    let token = format!("{}.{}.AA", base64url::encode(header), base64url::encode(claims));
    let jws = match CompactJws::parse(&token) {
        Ok(jws) => jws,
        Err(error) => return check_error(&error, &[CANARY]),
    };
    let algorithm = jws.header.algorithm;
    let payload = jws.verified(true).expect("a payload");

    let (issuer, access_token, nonce) =
        (issuer(), Secret::new(ACCESS_TOKEN.to_owned()), Nonce::restore(NONCE.to_owned()));
    let max_age: Option<u64> = std::str::from_utf8(max_age).ok().and_then(|text| text.parse().ok());
    let acr_values = std::str::from_utf8(acr_values).ok().filter(|values| !values.is_empty());
    let sign_in = Expectation {
        issuer: &issuer,
        client_id: CLIENT,
        now: Timestamp::from_seconds(NOW),
        tolerance: ClockTolerance::from_seconds(TOLERANCE).expect("a tolerance"),
        access_token: &access_token,
        occasion: Occasion::SignIn { nonce: &nonce, started: Timestamp::from_seconds(NOW - 60), max_age, acr_values },
    };
    let audience = [CLIENT.to_owned()];
    let auth_time = Some(Timestamp::from_seconds(NOW - 10));
    let renewal = Expectation {
        occasion: Occasion::Renewal { subject: SUBJECT, audience: &audience, nonce: &nonce, auth_time },
        ..sign_in.clone()
    };

    as_user_info(&payload, &issuer, claims);
    for (expectation, is_sign_in) in [(&sign_in, true), (&renewal, false)] {
        let outcome = id_token::validate(&payload, expectation);
        assert_eq!(format!("{outcome:?}"), format!("{:?}", id_token::validate(&payload, expectation)));
        let accepted = match outcome {
            Ok(accepted) => accepted,
            Err(error) => {
                // The fuzzer may write the canary wherever it likes; what is shown is names.
                check_error(&error, &[CANARY]);
                continue;
            }
        };
        let header = read_again(header);
        assert!(
            member(&header, "typ").is_none_or(|kind| kind.as_str().is_some_and(|kind| kind.to_lowercase() == "jwt"))
        );
        let theirs = read_again(claims);
        if theirs.is_object() {
            holds(&theirs, is_sign_in);
            if let Some(hash) = member(&theirs, "at_hash") {
                assert_eq!(hash, access_token_hash(algorithm, &access_token).as_str());
                let other = Secret::new("another".to_owned());
                id_token::validate(&payload, &Expectation { access_token: &other, ..expectation.clone() })
                    .expect_err("at_hash of another access token");
            }
            if is_sign_in {
                let time = member(&theirs, "auth_time").and_then(serde_json::Value::as_f64);
                assert!(max_age.is_none() || time.is_some());
                let acr = member(&theirs, "acr").and_then(|acr| acr.as_str());
                assert!(
                    acr_values.is_none_or(|values| acr.is_some_and(|acr| values.split(' ').any(|value| value == acr)))
                );
            }
        }
        assert_eq!(accepted.claims.as_json().as_bytes(), claims);
        assert!(!accepted.audience.is_empty() && accepted.audience.iter().all(|client| client == CLIENT));
        changed(&payload, expectation, is_sign_in);
    }
}

/// The same token where a signed UserInfo response should be.
fn as_user_info(payload: &VerifiedPayload, issuer: &Issuer, claims: &[u8]) {
    let validated = |client_id, subject| user_info::validate_signed(payload, issuer, client_id, subject);
    match validated(CLIENT, SUBJECT) {
        Ok(accepted) => {
            assert_eq!((accepted.as_json().as_bytes(), accepted.subject()), (claims, SUBJECT));
            let theirs = read_again(claims);
            if theirs.is_object() {
                assert_eq!((&theirs["iss"], &theirs["sub"]), (&ISSUER.into(), &SUBJECT.into()));
                let audience = &theirs["aud"];
                assert!(audience == CLIENT || audience.as_array().is_some_and(|all| all.contains(&CLIENT.into())));
            }
            validated(CLIENT, "eve").expect_err("claims about somebody else");
        }
        Err(error) => check_error(&error, &[CANARY]),
    }
}

/// What the rules say, once more, in other words.
fn holds(theirs: &serde_json::Value, is_sign_in: bool) {
    let text = |name: &str| member(theirs, name).map(|value| value.as_str().expect("text"));
    let time = |name: &str| member(theirs, name).map(|value| value.as_f64().expect("a number"));
    assert_eq!(text("iss"), Some(ISSUER));
    match &theirs["aud"] {
        serde_json::Value::Array(audience) => {
            assert!(!audience.is_empty() && audience.iter().all(|client| client == CLIENT));
        }
        audience => assert_eq!(audience, CLIENT),
    }
    assert!(text("azp").is_none_or(|party| party == CLIENT));
    assert!(member(theirs, "events").is_none());
    let subject = text("sub").expect("a subject");
    assert!((1..=255).contains(&subject.len()) && subject.is_ascii());
    #[allow(clippy::cast_precision_loss, reason = "below 2⁵³")]
    let (now, tolerance) = (NOW as f64, TOLERANCE as f64);
    // One second more on each side, for the fraction that is cut off.
    let issued = time("iat").expect("iat");
    assert!(issued < now + tolerance + 1.0 && issued > now - tolerance - 601.0);
    assert!(time("exp").expect("exp") > now - tolerance - 1.0);
    assert!(time("nbf").is_none_or(|time| time < now + tolerance + 1.0));
    if is_sign_in {
        assert_eq!(text("nonce"), Some(NONCE));
    } else {
        assert_eq!(subject, "ada");
        assert!(text("nonce").is_none_or(|nonce| nonce == NONCE));
        assert!(time("auth_time").is_none_or(|time| (time - now + 10.0).abs() <= 1.0));
    }
}

/// The same token, held against something else.
fn changed(payload: &valetkey::protocol::jose::jws::VerifiedPayload, expectation: &Expectation<'_>, is_sign_in: bool) {
    let refused = |expectation: Expectation<'_>, what: &str| {
        assert!(id_token::validate(payload, &expectation).is_err(), "{what}");
    };
    let later =
        valetkey::protocol::issuer::Issuer::parse("https://op.example/", valetkey::protocol::url::Transport::Secure);
    refused(Expectation { issuer: &later.expect("an issuer"), ..expectation.clone() }, "another issuer");
    refused(Expectation { client_id: "Spa", ..expectation.clone() }, "another client");
    // However long it lives, it was just asked for.
    let (long_ago, much_later) = (Timestamp::from_seconds(NOW - 2000), Timestamp::from_seconds(NOW + 2000));
    refused(Expectation { now: long_ago, ..expectation.clone() }, "a token from the future");
    refused(Expectation { now: much_later, ..expectation.clone() }, "a token from the past");
    if is_sign_in {
        let other = Nonce::restore("CANARY-another".to_owned());
        let started = Timestamp::from_seconds(NOW - 60);
        let occasion = Occasion::SignIn { nonce: &other, started, max_age: None, acr_values: None };
        refused(Expectation { occasion, ..expectation.clone() }, "another nonce");
    }
}
