//! ID tokens (OpenID Connect Core §2) and their validation (§3.1.3.7, §12.2).

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        authorization::Nonce,
        claims::{self, Claims},
        issuer::Issuer,
        jose::{algorithm::Algorithm, base64url, jws::VerifiedPayload},
        json::{Object, Value},
        text::parts,
        time::{ClockTolerance, Timestamp},
    },
    secret::{Secret, leaving_no_trace},
};

/// An ID token that was just asked for and is older than this, in seconds, is a replay.
const MAX_TOKEN_AGE: u64 = 600;

/// How much later than the authentication itself `auth_time` may be judged, in seconds: for rounding, and for the way.
const AUTH_TIME_SLACK: u64 = 30;

/// What every ID token of this client is held against.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// The configured issuer.
    pub issuer: &'a Issuer,
    /// This client.
    pub client_id: &'a str,
    /// The time on this device.
    pub now: Timestamp,
    /// How far that may be wrong.
    pub tolerance: ClockTolerance,
    /// The access token that came with the ID token.
    pub access_token: &'a Secret<String>,
    /// Whether it answers a sign-in or a renewal.
    pub occasion: Occasion<'a>,
}

/// What an ID token answers.
#[derive(Clone, Debug)]
pub enum Occasion<'a> {
    /// A sign-in.
    SignIn {
        /// The nonce that was sent.
        nonce: &'a Nonce,
        /// When the sign-in was started, on this device's clock.
        started: Timestamp,
        /// `max_age`, if it was sent.
        max_age: Option<u64>,
        /// `acr_values`, if they were sent.
        acr_values: Option<&'a str>,
    },
    /// A renewal of a session.
    Renewal {
        /// The session's subject.
        subject: &'a str,
        /// The session's audience.
        audience: &'a [String],
        /// The nonce of the sign-in.
        nonce: &'a Nonce,
        /// `auth_time` of the sign-in's ID token.
        auth_time: Option<Timestamp>,
    },
}

/// What a valid ID token says.
#[derive(Clone, Debug)]
pub struct IdToken {
    /// Its claims.
    pub claims: Claims,
    /// Its audience.
    pub audience: Vec<String>,
    /// When the user authenticated.
    pub auth_time: Option<Timestamp>,
    /// When the provider issued it, by its own clock.
    pub issued_at: Timestamp,
}

/// Validates the claims of an ID token whose signature was verified with a key of the issuer. The numbers in the body
/// are those of the list in OpenID Connect Core §3.1.3.7.
///
/// # Errors
///
/// One [`Violation`] per rule.
pub fn validate(token: &VerifiedPayload, expectation: &Expectation<'_>) -> Result<IdToken, Error> {
    let access_token = expectation.access_token.expose().as_bytes();
    let hash = leaving_no_trace(|| token.header.algorithm.hash(access_token));
    validate_with_hash(token, expectation, &hash)
}

/// The same with a hash of the access token that was made elsewhere, by the algorithm of the header.
///
/// # Errors
///
/// One [`Violation`] per rule.
pub fn validate_with_hash(
    token: &VerifiedPayload,
    expectation: &Expectation<'_>,
    hash: &[u8],
) -> Result<IdToken, Error> {
    // RFC 8725 §3.11: a token of another kind, signed by the same issuer, must not pass for an ID token.
    if token.header.token_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(Violation::TokenTypeConfusion.about("typ"));
    }
    // 1. Encrypted tokens have five parts and were refused before. 6. to 8. The signature was verified, with an algorithm
    // of the allow-list that is neither `none` nor an HMAC.
    let object = Object::parse(&token.payload, "ID token")?;
    if object.member("events").is_some() {
        return Err(Violation::TokenTypeConfusion.about("events"));
    }

    // 2. The issuer, exactly.
    if !expectation.issuer.matches(object.required_string("iss")?) {
        return Err(Violation::IssuerMismatch.into());
    }

    // 3. The audience contains this client, and nobody who is not trusted, that is: nobody else.
    let audience = audience(&object)?;
    if !audience.contains(&expectation.client_id) {
        return Err(Violation::AudienceMismatch.into());
    }
    if audience.iter().any(|client| *client != expectation.client_id) {
        return Err(Violation::AudienceUntrusted.into());
    }

    // 4. and 5. The authorized party, if it is named, is this client.
    if object.string("azp")?.is_some_and(|party| party != expectation.client_id) {
        return Err(Violation::AuthorizedPartyMismatch.into());
    }

    let now = validate_times(&object, expectation)?;
    let subject = claims::subject(&object)?;
    let auth_time = time(&object, "auth_time")?;
    validate_occasion(&object, expectation, now, subject, &audience, auth_time)?;

    // §3.1.3.8: optional in the code flow, but never wrong.
    let hash = left_half(hash);
    if object.string("at_hash")?.is_some_and(|claim| claim != hash) {
        return Err(Violation::AccessTokenHashMismatch.into());
    }

    Ok(IdToken {
        claims: Claims::new(&token.payload, subject)?,
        audience: audience.into_iter().map(ToOwned::to_owned).collect(),
        auth_time,
        issued_at: required_time(&object, "iat")?,
    })
}

/// Rules 9 and 10: time, on this device's clock corrected by what the token itself shows of the provider's, as far as
/// the tolerance goes: a token that was issued just now is judged by the clock it was issued by. Returns that time.
fn validate_times(object: &Object, expectation: &Expectation<'_>) -> Result<Timestamp, Error> {
    let expires = required_time(object, "exp")?;
    let issued = required_time(object, "iat")?;
    let now = expectation.tolerance.corrected(expectation.now, issued);
    if issued > now {
        return Err(Violation::IssuedInFuture.into());
    }
    if issued.plus(MAX_TOKEN_AGE) < now {
        return Err(Violation::IssuedTooLongAgo.into());
    }
    if expires <= now {
        return Err(Violation::IdTokenExpired.into());
    }
    // RFC 7519 §4.1.5
    if time(object, "nbf")?.is_some_and(|not_before| not_before > now) {
        return Err(Violation::NotYetValid.into());
    }
    Ok(now)
}

fn validate_occasion(
    object: &Object,
    expectation: &Expectation<'_>,
    now: Timestamp,
    subject: &str,
    audience: &[&str],
    auth_time: Option<Timestamp>,
) -> Result<(), Error> {
    let nonce = object.string("nonce").map_err(|_| Violation::NonceMismatch)?;
    match &expectation.occasion {
        Occasion::SignIn { nonce: sent, started, max_age, acr_values } => {
            // 11. The nonce, since one is always sent.
            if !nonce.is_some_and(|claim| sent.equals(claim)) {
                return Err(Violation::NonceMismatch.into());
            }
            // 12. The authentication context class.
            if let Some(wanted) = acr_values {
                let acr = object.string("acr")?;
                if !acr.is_some_and(|acr| parts(wanted, b' ').any(|value| value == acr)) {
                    return Err(Violation::AcrNotMet.into());
                }
            }
            // 13. The time of the authentication: not longer than `max_age` before the request was made.
            if let Some(max_age) = max_age {
                let auth_time = auth_time.ok_or(Violation::AuthTimeMissing)?;
                let started = on_providers_clock(*started, expectation.now, now);
                if auth_time.plus(max_age.saturating_add(AUTH_TIME_SLACK)) < started {
                    return Err(Violation::AuthTimeTooOld.into());
                }
                if auth_time > now.plus(AUTH_TIME_SLACK) {
                    return Err(Violation::MemberInvalid.about("auth_time"));
                }
            }
        }
        // §12.2
        Occasion::Renewal { subject: previous, audience: previous_audience, nonce: sent, auth_time: previous_time } => {
            if subject != *previous {
                return Err(Violation::SubjectChanged.into());
            }
            if !audience.iter().copied().eq(previous_audience.iter().map(String::as_str)) {
                return Err(Violation::AudienceChanged.into());
            }
            if nonce.is_some_and(|claim| !sent.equals(claim)) {
                return Err(Violation::NonceChanged.into());
            }
            if auth_time.is_some() && previous_time.is_some() && auth_time != *previous_time {
                return Err(Violation::AuthTimeChanged.into());
            }
        }
    }
    Ok(())
}

/// `at_hash`: the left half of the hash of the access token's ASCII octets, base64url (OpenID Connect Core §3.1.3.6).
#[must_use]
pub fn access_token_hash(algorithm: Algorithm, access_token: &Secret<String>) -> String {
    left_half(&leaving_no_trace(|| algorithm.hash(access_token.expose().as_bytes())))
}

fn left_half(hash: &[u8]) -> String {
    let (left, _) = hash.split_at(hash.len() / 2);
    base64url::encode(left)
}

/// `aud`: one string, or an array of strings.
pub(crate) fn audience(object: &Object) -> Result<Vec<&str>, Error> {
    match object.member("aud") {
        Some(Value::String(client)) => Ok(vec![client.as_str()]),
        Some(_) => object.strings("aud").map(Option::unwrap_or_default),
        None => Err(Violation::MemberMissing.about("aud")),
    }
}

fn time(object: &Object, name: &'static str) -> Result<Option<Timestamp>, Error> {
    Ok(object.seconds(name)?.map(Timestamp::from_seconds))
}

fn required_time(object: &Object, name: &'static str) -> Result<Timestamp, Error> {
    time(object, name)?.ok_or_else(|| Violation::MemberMissing.about(name))
}

/// A moment of this device's clock on the provider's: moved as far as `now` was moved to `corrected`.
fn on_providers_clock(moment: Timestamp, now: Timestamp, corrected: Timestamp) -> Timestamp {
    if corrected >= now {
        moment.plus(corrected.as_seconds() - now.as_seconds())
    } else {
        moment.minus(now.as_seconds() - corrected.as_seconds())
    }
}
