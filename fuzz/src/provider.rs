//! A provider that answers what it is told to, in a world in memory. Its ID tokens are signed with RS256, so that the
//! verdict about a signature is the world's.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use valetkey::{
    config::Config,
    error::Error,
    platform::memory::{MemoryAnswer, World},
    protocol::{
        http::{Aside, Document, Request, Response},
        jose::base64url,
        url::decode_form,
    },
    vault::{Arrival, Departure, SignInOptions, Vault, message::Event},
};

use crate::{APP, CANARY, NOW, check_error, dpop};

/// Where the callbacks arrive.
pub(crate) const CALLBACK: &str = "https://app.example/cb";

/// The listed API.
pub(crate) const API: &str = "https://api.example/v1";

const METADATA: &str = r#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize","token_endpoint":"https://op.example/token","jwks_uri":"https://op.example/jwks","userinfo_endpoint":"https://op.example/userinfo","end_session_endpoint":"https://op.example/logout","authorization_response_iss_parameter_supported":true}"#;
const HEADER: &str = r#"{"alg":"RS256","kid":"1"}"#;
const CLAIMS: &str = r#"{"iss":"https://op.example","sub":"ada","aud":"spa","iat":$T,"exp":9e9,"nonce":"$N"}"#;
const TOKENS: &str =
    r#"{"access_token":"$A","refresh_token":"$R","id_token":"$I","token_type":"Bearer","expires_in":300}"#;
const BOUND_TOKENS: &str =
    r#"{"access_token":"$A","refresh_token":"$R","id_token":"$I","token_type":"DPoP","expires_in":300}"#;
const PUSHED: &str = r#"{"request_uri":"urn:x","expires_in":60}"#;
const USER_INFO: &str = r#"{"sub":"ada"}"#;
/// A successful authorization response.
pub(crate) const RESPONSE: &str = "code=$C&state=$S&iss=https%3A%2F%2Fop.example";

/// What the provider answers; a text that is empty is the usual one.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) metadata: Vec<u8>,
    pub(crate) keys: Vec<u8>,
    pub(crate) header: Vec<u8>,
    pub(crate) claims: Vec<u8>,
    pub(crate) tokens: Vec<u8>,
    pub(crate) user_info: Vec<u8>,
}

fn or(text: &[u8], usual: &str) -> Vec<u8> {
    if text.is_empty() { usual.as_bytes().to_owned() } else { text.to_owned() }
}

fn keys() -> String {
    format!(r#"{{"keys":[{{"kty":"RSA","kid":"1","n":"{}","e":"AQAB"}}]}}"#, base64url::encode(&[0xff; 256]))
}

/// Puts `value` where a text has `mark`.
fn fill(text: &[u8], mark: &str, value: &str) -> Vec<u8> {
    let mut filled = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark.as_bytes()) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(value.as_bytes());
        rest = &rest[at + mark.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}

impl Answers {
    /// The metadata as another reader sees it.
    pub(crate) fn metadata(&self) -> serde_json::Value {
        serde_json::from_slice(&or(&self.metadata, METADATA)).unwrap_or_default()
    }

    fn id_token(&self, now: u64, nonce: &str) -> String {
        let claims = fill(&or(&self.claims, CLAIMS), "$N", nonce);
        let claims = fill(&claims, "$T", &now.to_string());
        let header = base64url::encode(&or(&self.header, HEADER));
        format!("{header}.{}.{}", base64url::encode(&claims), base64url::encode(&[0x2a; 256]))
    }

    fn body(&self, document: Document, now: u64, nonce: &str, bound: bool) -> Vec<u8> {
        match document {
            Document::PushedRequest => PUSHED.as_bytes().to_owned(),
            Document::Metadata => or(&self.metadata, METADATA),
            Document::JwkSet => or(&self.keys, &keys()),
            Document::UserInfo => or(&self.user_info, USER_INFO),
            Document::Revocation => Vec::new(),
            Document::TokenResponse => {
                // Only as the value of its own member: elsewhere it would be no secret.
                let tokens = or(&self.tokens, if bound { BOUND_TOKENS } else { TOKENS });
                let tokens = fill(&tokens, r#""access_token":"$A""#, r#""access_token":"CANARY-access""#);
                let tokens = fill(&tokens, r#""refresh_token":"$R""#, r#""refresh_token":"CANARY-refresh""#);
                let id_token = format!(r#""id_token":"{}""#, self.id_token(now, nonce));
                fill(&tokens, r#""id_token":"$I""#, &id_token)
            }
        }
    }
}

/// A page with a vault, and its provider.
pub(crate) struct Client {
    pub(crate) world: World,
    pub(crate) answers: Rc<Answers>,
    pub(crate) vault: Vault<World>,
    pub(crate) state: String,
    /// Sign-ins that were started.
    pub(crate) started: usize,
    /// Whether a copy of a sign-in that was used may have stayed in a store that did not work.
    pub(crate) copy_left: bool,
    nonce: Rc<RefCell<String>>,
    events: Rc<RefCell<Vec<String>>>,
}

impl Client {
    pub(crate) fn new(answers: Answers) -> Self {
        let world = World::at(NOW);
        world.set_verdict(Some(true));
        let answers = Rc::new(answers);
        let nonce = Rc::new(RefCell::new(String::new()));
        let events = Rc::default();
        let vault = vault(&world, &events);
        let client = Self { world, answers, vault, state: String::new(), started: 0, copy_left: false, nonce, events };
        client.answer(200);
        client
    }

    /// Lets the provider answer with this status from now on.
    pub(crate) fn answer(&self, status: u16) {
        let (answers, nonce, world) = (Rc::clone(&self.answers), Rc::clone(&self.nonce), self.world.clone());
        self.world.answer_with(move |request: &Request| -> Result<Response, Error> {
            let now = valetkey::platform::Clock::now(&world).as_seconds();
            let body = answers.body(request.document, now, &nonce.borrow(), request.proof.is_some());
            // RFC 9126 §2.2
            let status = if request.document == Document::PushedRequest && status == 200 { 201 } else { status };
            let (content_type, aside) = (Some("application/json".to_owned()), Aside::default());
            Ok(Response { status, content_type, retry_after: None, aside, body })
        });
    }

    /// Lets the provider refuse every proof from now on, and give another nonce and another time with each refusal.
    pub(crate) fn refuse_proofs(&self) {
        let mut count = 0;
        self.world.answer_with(move |_: &Request| -> Result<Response, Error> {
            count += 1;
            let aside = Aside { nonce: Some(format!("n{count}")), challenge: None, date: Some(NOW + count * 100) };
            let body = br#"{"error":"use_dpop_nonce"}"#.to_vec();
            Ok(Response {
                status: 400,
                content_type: Some("application/json".to_owned()),
                retry_after: None,
                aside,
                body,
            })
        });
    }

    /// Lets the API refuse every token from now on, or take it.
    pub(crate) fn refuse_tokens(&self, refused: bool) {
        self.world.apis_answer_with(move |_| {
            if refused {
                MemoryAnswer::challenging(401, r#"Bearer error="invalid_token""#)
            } else {
                MemoryAnswer::new(200)
            }
        });
    }

    /// The page is loaded anew and its vault is gone.
    pub(crate) fn reload(&mut self) {
        self.vault = vault(&self.world, &self.events);
    }

    /// Starts a sign-in, and has the provider learn the nonce.
    pub(crate) fn sign_in(&mut self, options: SignInOptions) {
        match self.world.run(self.vault.sign_in(options)) {
            Ok(Departure { url, .. }) => {
                let mut parsed = url::Url::parse(&url).expect("a URL");
                let pushed =
                    self.world.requests().pop().filter(|_| parsed.query_pairs().any(|(name, _)| name == "request_uri"));
                if pushed.is_some() {
                    // RFC 9126 §4: what counts is what was pushed.
                    let requests = self.world.requests();
                    let request = requests.iter().rfind(|request| request.document == Document::PushedRequest);
                    let form = request.and_then(|request| request.form.as_ref()).expect("a form");
                    parsed.set_query(Some(form.expose()));
                }
                let wanted = self.answers.metadata();
                assert_eq!(Some(origin(&url)), wanted["authorization_endpoint"].as_str().map(origin));
                let one = |name: &str| {
                    let values: Vec<_> = parsed.query_pairs().filter(|(other, _)| other == name).collect();
                    assert_eq!(values.len(), 1, "{name} in {url}");
                    values[0].1.clone().into_owned()
                };
                assert_eq!(one("response_type"), "code");
                assert_eq!(one("code_challenge_method"), "S256");
                assert_eq!((one("code_challenge").len(), one("redirect_uri").as_str()), (43, CALLBACK));
                assert_eq!(one("client_id"), "spa");
                *self.nonce.borrow_mut() = one("nonce");
                self.state = one("state");
                self.started += 1;
            }
            Err(error) => check_error(&error, &[CANARY]),
        }
    }

    /// The page loads as a callback with this query.
    pub(crate) fn come_back(&self, query: &str) -> Arrival {
        let mut query = query.replace("&code=$C", "&code=CANARY-code");
        if let Some(rest) = query.strip_prefix("code=$C") {
            query = format!("code=CANARY-code{rest}");
        }
        let arrival = self.world.run(self.vault.ready(&format!("{CALLBACK}?{}", query.replace("$S", &self.state))));
        if let Some(location) = &arrival.location {
            let base = url::Url::parse(CALLBACK).expect("a URL");
            let joined = base.join(location).expect("a local path");
            assert_eq!(joined.origin(), base.origin(), "{location}");
            for name in ["code", "state", "error", "iss", "id_token", "access_token"] {
                assert!(!joined.query_pairs().any(|(other, _)| other == name), "{name} stays in {location}");
            }
        }
        if let Some(error) = &arrival.error {
            check_error(error, &[CANARY]);
        }
        shows_nothing("the arrival", &format!("{arrival:?}"));
        arrival
    }

    /// Nothing secret is in what a page is told, nor in storage; and every request went where it had to.
    pub(crate) fn check(&self) {
        for event in self.events.take() {
            shows_nothing("an event", &event);
        }
        shows_nothing("the trace", &format!("{:?}", self.vault.trace()));
        shows_nothing("the store", &format!("{:?}", self.world.stored()));
        let metadata = self.answers.metadata();
        let mut exchanged = BTreeMap::new();
        let mut proofs = BTreeSet::new();
        for request in self.world.requests() {
            let endpoint = match request.document {
                Document::Metadata => Some("https://op.example/.well-known/openid-configuration"),
                Document::JwkSet => metadata["jwks_uri"].as_str(),
                Document::TokenResponse => metadata["token_endpoint"].as_str(),
                Document::UserInfo => metadata["userinfo_endpoint"].as_str(),
                Document::Revocation => metadata["revocation_endpoint"].as_str(),
                Document::PushedRequest => metadata["pushed_authorization_request_endpoint"].as_str(),
            };
            assert!(endpoint.is_none_or(|endpoint| endpoint == request.url), "{request:?}");
            assert_eq!(request.authorization.is_some(), request.document == Document::UserInfo);
            let posted =
                matches!(request.document, Document::TokenResponse | Document::Revocation | Document::PushedRequest);
            if let Some(proof) = &request.proof {
                assert!(proofs.insert(proof.clone()), "a proof for two requests");
                dpop::check(proof, request.method(), &request.url);
            }
            assert_eq!(request.form.is_some(), posted);
            if let (Some(form), Document::TokenResponse) = (&request.form, request.document) {
                let form = decode_form(form.expose()).expect("a form");
                let code = form.iter().any(|(name, value)| name == "grant_type" && value == "authorization_code");
                let verifier = form.iter().find(|(name, value)| name == "code_verifier" && value.len() == 43);
                assert_eq!(code, verifier.is_some());
                if let Some((_, verifier)) = verifier {
                    *exchanged.entry(verifier.clone()).or_insert(0) += 1;
                    // Once more where the proof was refused (RFC 9449 §8).
                    assert!(
                        self.copy_left || exchanged[verifier] <= if request.proof.is_some() { 2 } else { 1 },
                        "a code is sent again"
                    );
                }
            }
        }
        assert!(self.copy_left || exchanged.len() <= self.started, "a code without a sign-in");
        for ((method, url, authorization), proof) in self.world.calls().into_iter().zip(self.world.proofs()) {
            if let Some(proof) = &proof {
                assert!(proofs.insert(proof.clone()), "a proof for two requests");
                dpop::check(proof, &method, &url);
            }
            let url = url::Url::parse(&url).expect("a URL");
            assert_eq!(url.origin().ascii_serialization(), "https://api.example");
            assert!(url.path() == "/v1" || url.path().starts_with("/v1/"), "{url}");
            let value = authorization.expect("an access token");
            let token = value.strip_prefix(if proof.is_some() { "DPoP " } else { "Bearer " }).expect("the scheme");
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}

#[track_caller]
fn shows_nothing(what: &str, text: &str) {
    assert!(!text.contains(CANARY), "{what} shows a secret: {text}");
}

fn vault(world: &World, events: &Rc<RefCell<Vec<String>>>) -> Vault<World> {
    let config = format!(
        r#"{{"issuer":"{}","clientId":"spa","redirectUri":"{CALLBACK}","resources":["{API}"],"postLogoutRedirectUri":"{CALLBACK}"}}"#,
        crate::ISSUER
    );
    let config = Config::parse(&config, APP).expect("a configuration");
    let heard = Rc::clone(events);
    Vault::new(config, world.clone(), move |event: &Event| heard.borrow_mut().push(format!("{event:?}")))
}

pub(crate) fn origin(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}
