//! A provider that signs what it is told to sign, and a client of it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use valetkey::{
    config::Config,
    error::{Error, Platform as PlatformError},
    platform::{
        Clock, ResourceRequest,
        memory::{MemoryAnswer, MemoryBody, World},
    },
    protocol::{
        http::{Aside, Document, Request, Response},
        jose::base64url,
        url::{Transport, Url, decode_form},
    },
    vault::{Answered, Arrival, SignInOptions, Vault, message::Event, message::Snapshot},
};

use crate::proofs::Checker;

pub const NOW: u64 = 1_790_000_000;
pub const ISSUER: &str = "https://id.example.com";
pub const APP: &str = "https://app.example.com";
pub const CALLBACK: &str = "https://app.example.com/";
pub const CALLBACK_PAGE: &str = "https://app.example.com/callback.html";
pub const API: &str = "https://api.example.com/";

/// What is marked so that it can be found wherever it should not be.
pub const SECRETS: [&str; 4] = ["SECRET-access", "SECRET-refresh", "SECRET-code", "eyJ"];

/// Names and values.
pub type Form = Vec<(String, String)>;

type Change = Box<dyn Fn(&mut Value)>;
type Answer = Box<dyn Fn() -> Response>;

/// The provider's side of the world. Each member is a switch for one defect.
pub struct Provider {
    pub world: World,
    key: RefCell<SigningKey>,
    pub key_id: RefCell<String>,
    /// The nonce of the last authorization request.
    nonce: RefCell<String>,
    rotation: Cell<u32>,
    pub claims: RefCell<Change>,
    pub tokens: RefCell<Change>,
    pub metadata: RefCell<Change>,
    pub user_info: RefCell<Value>,
    /// Documents that cannot be had, and why.
    pub failing: RefCell<Option<(Document, Error)>>,
    /// A document in whose place something else is answered.
    replaced: RefCell<Option<(Document, Answer)>>,
    /// The next token response is made, and lost on its way.
    pub lose_answer: Cell<bool>,
    /// Hint and token of each revocation.
    pub revoked: RefCell<Vec<(String, String)>>,
    pub token_status: Cell<u16>,
    pub expires_in: Cell<u64>,
    /// The ID token of a renewal, if there is one.
    pub renews_id_token: Cell<bool>,
    /// It announces DPoP, and binds its tokens to the keys of the proofs that come with requests.
    pub dpop: Cell<bool>,
    /// Who takes the proofs of requests without an access token, and of those with one.
    pub proofs: Checker,
    pub resource_proofs: Checker,
    /// The key that the code is bound to, that the refresh token is bound to, and those of the access tokens.
    pub code_key: RefCell<Option<String>>,
    refresh_key: RefCell<Option<String>>,
    access_keys: RefCell<Vec<(String, Option<String>)>>,
    /// It takes pushed authorization requests.
    pub pushes: Cell<bool>,
    /// Handle and form of each.
    pub pushed: RefCell<Vec<(String, Form)>>,
}

fn unchanged() -> RefCell<Change> {
    RefCell::new(Box::new(|_| {}))
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

impl Provider {
    pub fn new() -> Rc<Self> {
        let provider = Rc::new(Self {
            world: World::at(NOW),
            key: RefCell::new(key(7)),
            key_id: RefCell::new("key-7".into()),
            nonce: RefCell::default(),
            rotation: Cell::new(0),
            claims: unchanged(),
            tokens: unchanged(),
            metadata: unchanged(),
            user_info: RefCell::new(json!({ "sub": "ada", "name": "Ada" })),
            failing: RefCell::default(),
            replaced: RefCell::default(),
            lose_answer: Cell::default(),
            revoked: RefCell::default(),
            token_status: Cell::new(200),
            expires_in: Cell::new(300),
            renews_id_token: Cell::new(true),
            dpop: Cell::new(false),
            proofs: Checker::default(),
            resource_proofs: Checker::default(),
            code_key: RefCell::default(),
            refresh_key: RefCell::default(),
            access_keys: RefCell::default(),
            pushes: Cell::new(false),
            pushed: RefCell::default(),
        });
        let answering = Rc::clone(&provider);
        provider.world.answer_with(move |request| answering.answer(request));
        provider
    }

    /// Signs with another key from now on, published under another key ID.
    pub fn rotate_keys(&self, seed: u8) {
        *self.key.borrow_mut() = key(seed);
        *self.key_id.borrow_mut() = format!("key-{seed}");
    }

    fn answer(&self, request: &Request) -> Result<Response, Error> {
        if let Some((_, error)) = self.failing.borrow().as_ref().filter(|(document, _)| *document == request.document) {
            return Err(error.clone());
        }
        if let Some((_, answer)) = self.replaced.borrow().as_ref().filter(|(document, _)| *document == request.document)
        {
            return Ok(answer());
        }
        let body = match request.document {
            Document::Metadata => {
                let mut metadata = json!({
                    "issuer": ISSUER,
                    "authorization_endpoint": format!("{ISSUER}/authorize"),
                    "token_endpoint": format!("{ISSUER}/token"),
                    "jwks_uri": format!("{ISSUER}/jwks"),
                    "userinfo_endpoint": format!("{ISSUER}/userinfo"),
                    "end_session_endpoint": format!("{ISSUER}/logout"),
                    "revocation_endpoint": format!("{ISSUER}/revoke"),
                    "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                    "authorization_response_iss_parameter_supported": true,
                    "id_token_signing_alg_values_supported": ["ES256"],
                });
                if self.dpop.get() {
                    metadata["dpop_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
                }
                if self.pushes.get() {
                    metadata["pushed_authorization_request_endpoint"] = json!(format!("{ISSUER}/par"));
                }
                (self.metadata.borrow())(&mut metadata);
                metadata
            }
            Document::JwkSet => {
                let point = self.key.borrow().verifying_key().to_sec1_point(false);
                let bytes = point.as_bytes();
                json!({ "keys": [{
                    "kty": "EC", "crv": "P-256", "use": "sig", "kid": *self.key_id.borrow(),
                    "x": base64url::encode(&bytes[1..33]), "y": base64url::encode(&bytes[33..65]),
                }]})
            }
            Document::TokenResponse => {
                let response = self.token_response(request);
                return if self.lose_answer.take() { Err(PlatformError::TimedOut.into()) } else { Ok(response) };
            }
            Document::UserInfo => {
                let authorization = request.authorization.as_ref().map(|value| value.expose().as_str());
                if let Err((status, aside)) = self.admits("GET", &request.url, authorization, request.proof.as_deref())
                {
                    return Ok(Response { aside, ..response(status, &json!({})) });
                }
                self.user_info.borrow().clone()
            }
            Document::PushedRequest => return Ok(self.pushed_response(request)),
            Document::Revocation => {
                let form = decode_form(request.form.as_ref().unwrap().expose()).unwrap();
                let field = |name: &str| form.iter().find(|(field, _)| field == name).unwrap().1.clone();
                self.revoked.borrow_mut().push((field("token_type_hint"), field("token")));
                json!({})
            }
        };
        Ok(response(200, &body))
    }

    /// The thumbprint of the key that a request to the authorization server proves, or the refusal.
    fn proved(&self, request: &Request) -> Result<Option<String>, Box<Response>> {
        let now = self.world.now().as_seconds();
        let Some(proof) = &request.proof else { return Ok(None) };
        match self.proofs.check(proof, "POST", &request.url, None, now) {
            Ok(proved) => Ok(Some(proved.thumbprint)),
            Err(error) => {
                let aside = Aside { challenge: None, ..self.proofs.aside(now, None) };
                Err(Box::new(Response { aside, ..response(400, &json!({ "error": error })) }))
            }
        }
    }

    /// Whether a request with an access token is let in: with the token's scheme, and with a proof of its key.
    pub fn admits(
        &self,
        method: &str,
        url: &str,
        authorization: Option<&str>,
        proof: Option<&str>,
    ) -> Result<Aside, (u16, Aside)> {
        let now = self.world.now().as_seconds();
        let (scheme, token) = authorization.unwrap().split_once(' ').unwrap();
        let key = self.access_keys.borrow().iter().rev().find(|(known, _)| known == token).map(|(_, key)| key.clone());
        match (key.flatten(), proof) {
            (None, None) => {
                assert_eq!(scheme, "Bearer");
                Ok(Aside::default())
            }
            (Some(key), Some(proof)) => {
                assert_eq!(scheme, "DPoP");
                match self.resource_proofs.check(proof, method, url, Some(token), now) {
                    Ok(proved) => {
                        assert_eq!(proved.thumbprint, key, "the token is bound to this key");
                        Ok(self.resource_proofs.aside(now, None))
                    }
                    Err(error) => Err((401, self.resource_proofs.aside(now, Some(error)))),
                }
            }
            (key, proof) => panic!("{token}, bound to {key:?}, is sent with {proof:?}"),
        }
    }

    /// The APIs let in whoever has a token, and proves its key.
    pub fn open_apis(self: &Rc<Self>) {
        let provider = Rc::clone(self);
        self.world.apis_answer_with(move |call| {
            let authorization = call.authorization.as_ref().map(|value| value.expose().as_str());
            match provider.admits(&call.method, &call.url, authorization, call.proof.as_deref()) {
                Ok(aside) => MemoryAnswer { status: 200, aside },
                Err((status, aside)) => MemoryAnswer { status, aside },
            }
        });
    }

    fn pushed_response(&self, request: &Request) -> Response {
        let key = match self.proved(request) {
            Ok(key) => key,
            Err(refusal) => return *refusal,
        };
        let form = decode_form(request.form.as_ref().unwrap().expose()).unwrap();
        let announced = form.iter().find(|(name, _)| name == "dpop_jkt").map(|(_, value)| value.clone());
        // RFC 9449 §10.1: where both are there, they are the same.
        assert!(key.is_none() || announced == key, "{announced:?} is announced, and {key:?} proved");
        let handle = format!("urn:ietf:params:oauth:request_uri:{}", self.pushed.borrow().len());
        self.pushed.borrow_mut().push((handle.clone(), form));
        response(201, &json!({ "request_uri": handle, "expires_in": 60 }))
    }

    /// The forms of the token requests so far.
    pub fn token_forms(&self) -> Vec<Form> {
        let requests = self.world.requests();
        let asked = requests.iter().filter(|request| request.document == Document::TokenResponse);
        asked.map(|request| decode_form(request.form.as_ref().unwrap().expose()).unwrap()).collect()
    }

    fn token_response(&self, request: &Request) -> Response {
        let key = match self.proved(request) {
            Ok(key) => key,
            Err(refusal) => return *refusal,
        };
        let form = decode_form(request.form.as_ref().unwrap().expose()).unwrap();
        let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        let first = field("grant_type") == Some("authorization_code");
        let bound = if first { &self.code_key } else { &self.refresh_key };
        if bound.borrow().is_some() && *bound.borrow() != key {
            return response(400, &json!({ "error": "invalid_grant" }));
        }
        let rotation = self.rotation.get();
        // Rotation with reuse detection: only the last refresh token is good.
        if !first && field("refresh_token") != Some(&format!("SECRET-refresh-{rotation}")) {
            return response(400, &json!({ "error": "invalid_grant" }));
        }
        self.rotation.set(rotation + 1);
        let mut claims = self.sign_in_claims();
        (self.claims.borrow())(&mut claims);
        let mut tokens = json!({
            "access_token": format!("SECRET-access-{}", rotation + 1),
            "refresh_token": format!("SECRET-refresh-{}", rotation + 1),
            "token_type": if key.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": self.expires_in.get(),
        });
        self.access_keys.borrow_mut().push((format!("SECRET-access-{}", rotation + 1), key.clone()));
        self.refresh_key.borrow_mut().clone_from(&key);
        if first || self.renews_id_token.get() {
            tokens["id_token"] = json!(self.sign(&claims));
        }
        (self.tokens.borrow())(&mut tokens);
        let aside = Aside { challenge: None, ..self.proofs.aside(self.world.now().as_seconds(), None) };
        Response { aside, ..response(self.token_status.get(), &tokens) }
    }

    /// The claims of the ID token that answers the last authorization request.
    pub fn sign_in_claims(&self) -> Value {
        let now = self.world.now().as_seconds();
        json!({ "iss": ISSUER, "sub": "ada", "aud": "spa", "iat": now, "exp": now + 3600, "nonce": *self.nonce.borrow() })
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(json!({ "alg": "ES256", "kid": *self.key_id.borrow() }), claims)
    }

    /// The same with a type in the header.
    pub fn sign_as(&self, kind: &str, claims: &Value) -> String {
        self.sign_under(json!({ "alg": "ES256", "kid": *self.key_id.borrow(), "typ": kind }), claims)
    }

    fn sign_under(&self, header: Value, claims: &Value) -> String {
        let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&header), part(claims));
        let signature: Signature = self.key.borrow().sign(input.as_bytes());
        format!("{input}.{}", base64url::encode(&signature.to_bytes()))
    }

    /// The nonce of the last authorization request.
    pub fn learn(&self, nonce: &str) {
        nonce.clone_into(&mut self.nonce.borrow_mut());
    }

    /// How often a document was asked for.
    pub fn count(&self, document: Document) -> usize {
        self.world.requests().iter().filter(|request| request.document == document).count()
    }

    pub fn fail(&self, document: Document, reason: PlatformError) {
        *self.failing.borrow_mut() = Some((document, reason.into()));
    }

    pub fn mend(&self) {
        *self.failing.borrow_mut() = None;
    }

    /// Answers every document itself again.
    pub fn restore(&self) {
        *self.replaced.borrow_mut() = None;
    }

    /// Answers a document with something else from now on.
    pub fn replace(&self, document: Document, answer: impl Fn() -> Response + 'static) {
        *self.replaced.borrow_mut() = Some((document, Box::new(answer)));
    }
}

pub fn call(method: &str, url: &str) -> ResourceRequest<MemoryBody> {
    ResourceRequest {
        url: url.into(),
        method: method.into(),
        headers: vec![],
        authorization: None,
        proof: None,
        attachment: MemoryBody::Kept,
    }
}

pub fn response(status: u16, body: &Value) -> Response {
    Response {
        status,
        content_type: Some("application/json".into()),
        retry_after: None,
        aside: Default::default(),
        body: body.to_string().into_bytes(),
    }
}

/// A vault, and everything it told its pages.
pub struct Client {
    pub provider: Rc<Provider>,
    pub vault: Vault<World>,
    pub events: Rc<RefCell<Vec<Event>>>,
}

impl Client {
    pub fn new() -> Self {
        Self::of(&Provider::new(), json!({}))
    }

    /// A client of a provider, with options beside the usual ones.
    pub fn of(provider: &Rc<Provider>, options: Value) -> Self {
        let mut config = json!({ "issuer": ISSUER, "clientId": "spa", "redirectUri": CALLBACK, "resources": [API] });
        for (name, value) in options.as_object().unwrap() {
            config[name] = value.clone();
        }
        let config = Config::parse(&config.to_string(), APP).unwrap();
        let events = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&events);
        let vault = Vault::new(config, provider.world.clone(), move |event| heard.borrow_mut().push(event.clone()));
        provider.world.settle();
        Self { provider: Rc::clone(provider), vault, events }
    }

    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.provider.world.run(future)
    }

    /// Starts a sign-in; returns its `state`, and has the provider learn the nonce.
    pub fn start_with(&self, options: SignInOptions) -> String {
        let parameters = self.parameters_of(options);
        let parameter = |name: &str| parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
        self.provider.learn(&parameter("nonce").unwrap());
        *self.provider.code_key.borrow_mut() = parameter("dpop_jkt");
        parameter("state").unwrap()
    }

    /// Starts a sign-in; answers the parameters of its authorization request, pushed or not.
    pub fn parameters_of(&self, options: SignInOptions) -> Form {
        let url = self.run(self.vault.sign_in(options)).unwrap().url;
        let url = Url::parse(&url, Transport::Secure).unwrap();
        let parameters = decode_form(url.query().unwrap()).unwrap();
        let handle = parameters.iter().find(|(name, _)| name == "request_uri").map(|(_, value)| value.clone());
        let Some(handle) = handle else { return parameters };
        // RFC 9126 §4: what stands beside the handle would be ignored, or confuse.
        let expected = [("client_id".to_owned(), "spa".to_owned()), ("request_uri".to_owned(), handle.clone())];
        assert_eq!(parameters, expected);
        let pushed = self.provider.pushed.borrow();
        pushed.iter().find(|(known, _)| *known == handle).unwrap().1.clone()
    }

    /// Calls an API.
    pub fn call(&self, method: &str, url: &str) -> Result<Answered<MemoryAnswer>, Error> {
        self.run(self.vault.fetch(call(method, url)))
    }

    pub fn start(&self) -> String {
        self.start_with(SignInOptions { return_to: Some("/inbox?page=2#top".into()), ..SignInOptions::default() })
    }

    pub fn ready(&self, href: &str) -> Arrival {
        self.run(self.vault.ready(href))
    }

    /// The page loads as the callback of this state.
    pub fn come_back(&self, state: &str) -> Arrival {
        self.ready(&callback_of(state))
    }

    pub fn sign_in(&self) -> Arrival {
        let return_to = Some("/inbox?page=2#top".into());
        self.sign_in_with(SignInOptions { return_to, ..SignInOptions::default() })
    }

    pub fn sign_in_with(&self, options: SignInOptions) -> Arrival {
        let state = self.start_with(options);
        let arrival = self.come_back(&state);
        assert_eq!(arrival.error, None);
        arrival
    }

    pub fn is_signed_in(&self) -> bool {
        matches!(self.vault.snapshot(), Snapshot::SignedIn { .. })
    }

    /// The tags of the sign-outs that other vaults were told of.
    pub fn tags(&self) -> Vec<String> {
        let tag = |event: &Event| if let Event::SignedOut { tag, .. } = event { Some(tag.clone()) } else { None };
        self.events.borrow().iter().filter_map(tag).collect()
    }

    /// How often the pages were told of another session.
    pub fn session_events(&self) -> usize {
        self.events.borrow().iter().filter(|event| matches!(event, Event::Session(_))).count()
    }
}

pub fn callback_of(state: &str) -> String {
    callback_at(CALLBACK, state)
}

pub fn callback_at(redirect_uri: &str, state: &str) -> String {
    format!("{redirect_uri}?code=SECRET-code&state={state}&iss=https%3A%2F%2Fid.example.com")
}

/// The code of the error that a page load brought.
pub fn code_of(arrival: &Arrival) -> &'static str {
    arrival.error.as_ref().map_or("none", Error::code)
}
