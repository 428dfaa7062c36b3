//! `at_hash`: the access token belongs to the ID token (OpenID Connect Core §3.1.3.6 and §3.1.3.8).

use valetkey::{
    error::Violation,
    protocol::{id_token::access_token_hash, jose::algorithm::Algorithm},
};

use crate::{
    id_token::{ACCESS_TOKEN, SignIn, claims, payload, renewal},
    support::{assert_refused, assert_refused_about, secret},
};

/// The first is the example of OpenID Connect Core appendix A.3; the others were computed with another implementation.
const HASHES: [(&[Algorithm], &str); 3] = [
    (&[Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256], "77QmUPtjPfzWtF2AnpK9RQ"),
    (&[Algorithm::Rs384, Algorithm::Ps384, Algorithm::Es384], "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"),
    (
        &[Algorithm::Rs512, Algorithm::Ps512, Algorithm::Es512, Algorithm::EdDsa],
        "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM",
    ),
];

#[test]
fn hashes_the_access_token_by_the_algorithm_of_the_header() {
    for (algorithms, hash) in HASHES {
        for algorithm in algorithms {
            assert_eq!(access_token_hash(*algorithm, &secret(ACCESS_TOKEN)), hash, "{algorithm:?}");
            for (_, claim) in HASHES {
                let mut token = payload(&claims().with("at_hash", &format!("\"{claim}\"")).json());
                token.header.algorithm = *algorithm;
                assert_eq!(SignIn::default().validate_payload(&token).is_ok(), claim == hash, "{algorithm:?} {claim}");
            }
        }
    }
}

/// §3.1.3.8: optional, but never wrong.
#[test]
fn refuses_an_id_token_with_another_access_token() {
    for claim in [
        "",
        "77QmUPtjPfzWtF2AnpK9RR",
        "77QmUPtjPfzWtF2AnpK9RQ==",
        "77QmUPtjPfzWtF2AnpK9R",
        "77qmuptjpfzwtf2anpk9rq",
        "mP18hgCo8sgq7V1_UuvLRA",
    ] {
        assert_refused(
            SignIn::default().validate(&claims().with("at_hash", &format!("\"{claim}\""))),
            Violation::AccessTokenHashMismatch,
        );
        assert_refused(
            renewal(&claims().with("at_hash", &format!("\"{claim}\"")), None),
            Violation::AccessTokenHashMismatch,
        );
    }
    for json in ["1", "[]", "{}"] {
        assert_refused_about(
            SignIn::default().validate(&claims().with("at_hash", json)),
            Violation::MemberInvalid,
            "at_hash",
        );
    }
    assert!(SignIn::default().validate(&claims().with("at_hash", "null")).is_ok());
}
