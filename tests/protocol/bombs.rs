//! Inputs that are made to be expensive: each is refused by name or read in bounded time, on a small stack.
#![allow(clippy::disallowed_methods, reason = "that it does not take long is what these tests are about")]

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use valetkey::{
    config::Config,
    error::{Error, Reason, Violation},
    protocol::{
        authorization::{self, CallbackParameters},
        challenge::Challenge,
        discovery,
        http::MAX_BODY,
        jose::{base64url, header::Header, jwk::Jwk, jwks::JwkSet, jws::CompactJws},
        json::{Object, Value, parse},
        token,
        url::Transport,
    },
};

use crate::{
    id_token::{SignIn, payload},
    support::{answer, assert_refused, issuer, metadata_members, object, public_jwk, signing_key},
};

/// What takes a millisecond in a browser takes a hundred here, unoptimised; what compares each with all takes minutes.
const LIMIT: Duration = Duration::from_secs(5);

/// How long this thread has worked, where the system says so: what others do on a busy machine counts for nothing.
fn worked(start: Instant) -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = times.split(' ').next().and_then(|time| time.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Runs `work` within the limit, on a stack that is smaller than that of any browser.
#[track_caller]
fn bounded(work: impl FnOnce() + Send + 'static) {
    let start = Instant::now();
    let timed = move || {
        work();
        worked(start)
    };
    let worked = thread::Builder::new().stack_size(512 * 1024).spawn(timed).unwrap().join().unwrap();
    assert!(worked < LIMIT, "{worked:?}");
}

/// Every place where a document comes in, with this one: what each says of it.
fn everywhere(json: &str) -> Vec<(&'static str, Reason)> {
    let reason = |outcome: Result<(), Error>| outcome.unwrap_err().reason();
    let token = |header: &str| format!("{}.e30.AA", base64url::encode(header.as_bytes()));
    vec![
        ("header", reason(Header::parse(json.as_bytes()).map(|_| ()))),
        ("token", reason(CompactJws::parse(&token(json)).map(|_| ()))),
        ("claims", reason(SignIn::default().validate_payload(&payload(json)).map(|_| ()))),
        ("metadata", reason(discovery::process(&issuer(), &answer(200, json), Transport::Secure).map(|_| ()))),
        ("JWK Set", reason(JwkSet::process(&answer(200, json)).map(|_| ()))),
        ("token response", reason(token::process(&answer(200, json), token::TokenType::Bearer).map(|_| ()))),
        ("UserInfo", reason(crate::user_info::process(&answer(200, json), "user").map(|_| ()))),
        ("configuration", reason(Config::parse(json, "https://app.example").map(|_| ()))),
    ]
}

#[test]
fn f_01_an_id_token_of_ten_megabytes_is_refused_unread() {
    bounded(|| {
        let token = format!("eyJhbGciOiJFUzI1NiJ9.{}.{}", "e30".repeat(3_500_000), "A".repeat(86));
        assert!(token.len() > 10_000_000);
        assert_refused(CompactJws::parse(&token), Violation::JwsTooLarge);
        assert_refused(CompactJws::parse(&".".repeat(10_000_000)), Violation::JwsTooLarge);
        let body = format!(r#"{{"access_token":"a","token_type":"Bearer","id_token":"{token}"}}"#);
        assert_refused(token::process(&answer(200, &body), token::TokenType::Bearer), Violation::MemberInvalid);
    });
}

#[test]
fn f_04_deep_nesting_is_refused_without_overflow() {
    bounded(|| {
        let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        let arrays = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let open = "{\"a\":[".repeat(100_000);
        let keys = format!("{{\"keys\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for json in [objects, arrays, open, keys] {
            for (place, reason) in everywhere(&json) {
                let expected = match place {
                    // The token is too long before it is too deep.
                    "token" => Violation::JwsTooLarge,
                    _ => Violation::JsonTooComplex,
                };
                assert_eq!(reason, Reason::Protocol(expected), "{place}");
            }
        }
        // As deep as it may be, it is read and dropped again.
        assert!(parse(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
    });
}

#[test]
fn f_05_a_million_members_are_refused() {
    bounded(|| {
        let members: Vec<_> = (0..1_000_000).map(|index| format!("\"{index}\":0")).collect();
        for (place, reason) in everywhere(&format!("{{{}}}", members.join(","))) {
            let expected = if place == "token" { Violation::JwsTooLarge } else { Violation::JsonTooComplex };
            assert_eq!(reason, Reason::Protocol(expected), "{place}");
        }
    });
}

#[test]
fn f_05_a_million_elements_are_read_in_bounded_time() {
    bounded(|| {
        let Ok(Value::Array(values)) = parse(format!("[{}0]", "0,".repeat(999_999)).as_bytes()) else { panic!() };
        assert_eq!(values.len(), 1_000_000);
        let audience = format!(r#"{{"iss":"https://op.example","aud":[{}"client"]}}"#, "\"client\",".repeat(50_000));
        assert!(SignIn::default().validate_payload(&payload(&audience)).is_err());
        let methods = format!("[{}\"plain\"]", "\"plain\",".repeat(60_000));
        let metadata = metadata_members().with("code_challenge_methods_supported", &methods).json();
        let refused = discovery::process(&issuer(), &answer(200, &metadata), Transport::Secure);
        assert_refused(refused, Violation::PkceUnsupported);
    });
}

#[test]
fn f_05_a_number_of_a_megabyte_is_no_time() {
    bounded(|| {
        let digits = "9".repeat(1 << 20);
        for number in
            [digits.clone(), format!("0.{digits}"), format!("1e{digits}"), format!("1e-{digits}"), format!("-{digits}")]
        {
            let document = Object::parse(format!("{{\"exp\":{number}}}").as_bytes(), "test").unwrap();
            // A fraction is cut off, however long it is.
            assert_eq!(document.seconds("exp").ok(), number.starts_with("0.").then_some(Some(0)));
        }
    });
}

#[test]
fn f_05_a_string_of_a_megabyte_is_read_in_bounded_time() {
    bounded(|| {
        for (piece, character) in [("a", "a"), ("\\u0061", "a"), ("\\ud83d\\ude00", "😀"), ("\\n", "\n"), ("é", "é")]
        {
            let count = (1 << 20) / piece.len();
            let document = parse(format!("\"{}\"", piece.repeat(count)).as_bytes());
            assert_eq!(document, Ok(Value::String(character.repeat(count))));
        }
        assert_eq!(parse(format!("\"{}", "\\\"".repeat(1 << 19)).as_bytes()), Err(Violation::JsonMalformed));
        assert_eq!(parse(" ".repeat(1 << 20).as_bytes()), Err(Violation::JsonMalformed));
    });
}

#[test]
fn f_06_of_ten_thousand_keys_the_first_hundred_are_looked_at() {
    bounded(|| {
        let key = public_jwk(&signing_key(), r#","kid":"?""#);
        let key = |id: usize| key.replace('?', &id.to_string());
        let keys: Vec<_> = (0..10_000).map(key).collect();
        let keys = JwkSet::process(&answer(200, &format!(r#"{{"keys":[{}]}}"#, keys.join(",")))).unwrap();
        let found = |id: usize| {
            let header = Header::parse(format!(r#"{{"alg":"ES256","kid":"{id}"}}"#).as_bytes()).unwrap();
            !keys.candidates(&header).is_empty()
        };
        assert!(found(0) && found(99) && !found(100) && !found(9_999));
    });
}

/// A list of operations is searched for repeated ones: a long one is no provider's.
#[test]
fn f_06_a_key_with_as_many_operations_as_fit_into_a_body_is_passed_over() {
    bounded(|| {
        let names: Vec<_> = (0..70_000).map(|index| format!("\"{index:x}\"")).collect();
        let key = public_jwk(&signing_key(), &format!(",\"key_ops\":[{},\"verify\"]", names.join(",")));
        assert!(key.len() < MAX_BODY);
        assert_eq!(Jwk::from_object(&object(&key)), None);
        let few = public_jwk(&signing_key(), r#","key_ops":["encrypt","verify"]"#);
        assert!(Jwk::from_object(&object(&few)).is_some());
    });
}

#[test]
fn f_08_rsa_numbers_of_64_kilobits_are_passed_over() {
    bounded(|| {
        let large = base64url::encode(&[0xff; 8192]);
        let usual = base64url::encode(&[0xff; 256]);
        for (n, e) in [(&large, "AQAB"), (&usual, large.as_str()), (&large, large.as_str())] {
            let key = object(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#));
            assert_eq!(Jwk::from_object(&key), None);
        }
        // Leading zeros, as many as fit into a body, do not make a key larger or smaller.
        let padded = [vec![0; 300_000], vec![0xff; 256]].concat();
        let key = object(&format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, base64url::encode(&padded)));
        assert!(Jwk::from_object(&key).is_some());
    });
}

#[test]
fn f_10_a_callback_of_two_megabytes_is_refused_unread() {
    bounded(|| {
        for query in [format!("code={}", "c".repeat(2 << 20)), "a=b&".repeat(1 << 19), "%".repeat(2 << 20)] {
            assert_refused(CallbackParameters::parse(&query), Violation::CallbackTooLarge);
        }
    });
}

#[test]
fn f_10_ten_thousand_parameters_are_read_in_bounded_time() {
    bounded(|| {
        let query = format!("{}code=c", "a=b&".repeat(10_000));
        let parameters = CallbackParameters::parse(&query).unwrap();
        assert_eq!(authorization::process(&parameters, &issuer(), false).unwrap().expose(), "c");
        let states = CallbackParameters::parse(&"state=vk_&".repeat(6_000)).unwrap();
        assert_eq!(states.state("tag"), None);
    });
}

/// There is no hash table that could be flooded; names that begin alike are what a comparison takes longest for.
#[test]
fn f_12_names_that_are_nearly_the_same_take_no_long_time() {
    bounded(|| {
        let common = "a".repeat(1024);
        let members: Vec<_> = (0..512).map(|index| format!("\"{common}{index:03}\":0")).collect();
        let json = format!("{{{}}}", members.join(","));
        assert!(json.len() > MAX_BODY);
        let document = Object::parse(json.as_bytes(), "test").unwrap();
        assert!(document.member(&format!("{common}511")).is_some());
    });
}

/// A header that a resource sends with every answer (RFC 9110 §11.6.1).
#[test]
fn challenges_are_read_in_bounded_time() {
    bounded(|| {
        let distinct: Vec<_> = (0..1400).map(|number| format!("{number:x}=a")).collect();
        for header in [
            format!("Bearer {}", distinct.join(",")),
            "a,".repeat(4096),
            "a b,".repeat(2048),
            ",".repeat(8192),
            " ".repeat(8192),
            "a".repeat(8192),
            format!("a {}", "=".repeat(8190)),
            format!("a b=\"{}", "\\\"".repeat(4090)),
            "a b=\"\",".repeat(1024),
            format!("Bearer error=\"{}\"", "\\a".repeat(4080)),
        ] {
            assert!(header.len() <= 8192, "{}", header.len());
            for _ in 0..20 {
                let _ = Challenge::read(&header, "Bearer");
            }
        }
        // What is longer is not looked at.
        assert_eq!(Challenge::read(&"a".repeat(1 << 24), "Bearer"), None);
    });
}
