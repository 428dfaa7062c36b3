//! The provider: it rotates refresh tokens, and one that was used up ends the whole family it came from (RFC 9700
//! §4.14.2), as does a code that comes twice (RFC 6749 §4.1.2).

use std::cell::{Cell, RefCell};

use valetkey::protocol::{
    http::{Aside, Document, Request, Response},
    jose::base64url,
    url::{Transport, Url, decode_form},
};

pub const ISSUER: &str = "https://id.example.com";

/// What sort of provider it is.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each of them is a provider that exists")]
pub struct Kind {
    pub rotates: bool,
    pub expires_in: Option<u64>,
    /// A renewal brings an ID token.
    pub renews_id_token: bool,
    pub revokes: bool,
    /// There are refresh tokens.
    pub refreshes: bool,
    /// Tokens are bound to keys.
    pub dpop: bool,
}

/// Why a family is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The provider or the user wanted it.
    ByProvider,
    /// By the client, in a sign-out.
    ByClient,
    /// A refresh token was used that had a successor.
    Reuse,
    CodeReplayed,
}

/// The tokens that go back to one sign-in. The user's session at the provider has the number of the family as its `sid`.
pub struct Family {
    pub user: &'static str,
    nonce: String,
    /// The sign-in it comes from.
    pub sign_in: usize,
    /// The number of its last refresh token, and of its last access token.
    refresh: u64,
    access: u64,
    /// When each access token was issued, by the right clock, in milliseconds, and for which resource.
    issued: Vec<(u64, String)>,
    /// The key that its refresh tokens are bound to, as it stands in the proof.
    pub key: Option<String>,
    /// Access tokens before this are taken by no API.
    stale: u64,
    pub revoked: Option<Revoked>,
}

struct Code {
    user: &'static str,
    nonce: String,
    redirect_uri: String,
    sign_in: usize,
    family: Option<usize>,
}

pub struct Provider {
    pub kind: Kind,
    /// Who is signed in at the provider.
    user: Cell<&'static str>,
    key: Cell<u32>,
    /// The nonce that proofs must have.
    nonce: Cell<Option<u64>>,
    codes: RefCell<Vec<Code>>,
    pub families: RefCell<Vec<Family>>,
}

impl Provider {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            user: Cell::new("ada"),
            key: Cell::new(0),
            nonce: Cell::new(None),
            codes: RefCell::default(),
            families: RefCell::default(),
        }
    }

    pub fn switch_user(&self) {
        self.user.set(if self.user.get() == "ada" { "eve" } else { "ada" });
    }

    /// Signs with another key from now on; the former ones stay published.
    pub fn rotate_keys(&self) {
        self.key.set(self.key.get() + 1);
    }

    pub fn change_nonce(&self) {
        self.nonce.set(Some(self.nonce.get().map_or(0, |nonce| nonce + 1)));
    }

    /// No API takes the access tokens any more that there are.
    pub fn make_stale(&self) {
        for family in self.families.borrow_mut().iter_mut() {
            family.stale = family.access + 1;
        }
    }

    /// Whether an API takes this token.
    pub fn is_stale(&self, family: usize, access: u64) -> bool {
        access < self.families.borrow()[family].stale
    }

    /// What a token is for, and the key it is bound to.
    pub fn target(&self, family: usize, access: u64) -> (String, Option<String>) {
        let family = &self.families.borrow()[family];
        (family.issued[usize::try_from(access).unwrap()].1.clone(), family.key.clone())
    }

    /// Ends every session, so that the next renewal is refused.
    pub fn refuse(&self) {
        for family in self.families.borrow_mut().iter_mut() {
            family.revoked.get_or_insert(Revoked::ByProvider);
        }
    }

    /// The user is sent back with a code: the URL that the browser loads.
    pub fn authorize(&self, sign_in: usize, url: &str) -> String {
        let url = Url::parse(url, Transport::Secure).unwrap();
        let parameters = decode_form(url.query().unwrap()).unwrap();
        let parameter = |name: &str| parameters.iter().find(|(other, _)| other == name).unwrap().1.clone();
        let (redirect_uri, state) = (parameter("redirect_uri"), parameter("state"));
        let number = self.codes.borrow().len();
        let callback = format!("{redirect_uri}?code=C-{number}&state={state}&iss=https%3A%2F%2Fid.example.com");
        let (user, nonce) = (self.user.get(), parameter("nonce"));
        self.codes.borrow_mut().push(Code { user, nonce, redirect_uri, sign_in, family: None });
        callback
    }

    pub fn answer(&self, request: &Request, now: u64) -> Response {
        match request.document {
            Document::Metadata => self.metadata(),
            Document::JwkSet => self.keys(),
            Document::TokenResponse => self.token(&form(request), request.proof.as_deref(), now),
            Document::UserInfo => {
                let (family, _) = numbers(request.authorization.as_ref().unwrap().expose());
                response(200, &format!(r#"{{"sub":"{}"}}"#, self.families.borrow()[family].user))
            }
            Document::PushedRequest => unreachable!("it takes none"),
            Document::Revocation => {
                let (family, _) = numbers(&field(&form(request), "token"));
                self.families.borrow_mut()[family].revoked.get_or_insert(Revoked::ByClient);
                response(200, "{}")
            }
        }
    }

    fn metadata(&self) -> Response {
        let revocation =
            if self.kind.revokes { format!(r#","revocation_endpoint":"{ISSUER}/revoke""#) } else { String::new() };
        let bound = if self.kind.dpop { r#","dpop_signing_alg_values_supported":["ES256"]"# } else { "" };
        response(
            200,
            &format!(
                r#"{{"issuer":"{ISSUER}","authorization_endpoint":"{ISSUER}/authorize","token_endpoint":"{ISSUER}/token",
                "jwks_uri":"{ISSUER}/jwks","userinfo_endpoint":"{ISSUER}/userinfo","end_session_endpoint":"{ISSUER}/logout",
                "authorization_response_iss_parameter_supported":true,
                "id_token_signing_alg_values_supported":["RS256"]{revocation}{bound}}}"#
            ),
        )
    }

    fn keys(&self) -> Response {
        let modulus = base64url::encode(&[0xff; 256]);
        let key = |number| format!(r#"{{"kty":"RSA","use":"sig","kid":"key-{number}","n":"{modulus}","e":"AQAB"}}"#);
        let first = self.key.get().saturating_sub(1);
        let keys: Vec<_> = (first..=self.key.get()).map(key).collect();
        response(200, &format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
    }

    fn token(&self, form: &[(String, String)], proof: Option<&str>, now: u64) -> Response {
        let refused = || response(400, r#"{"error":"invalid_grant"}"#);
        let nonce = self.nonce.get().map(|nonce| format!("N{nonce}"));
        if let (Some(proof), Some(wanted)) = (proof, &nonce)
            && proved(proof).1.as_ref() != Some(wanted)
        {
            let aside = Aside { nonce, ..Aside::default() };
            return Response { aside, ..response(400, r#"{"error":"use_dpop_nonce"}"#) };
        }
        let key = proof.map(|proof| proved(proof).0);
        let resource = field(form, "resource");
        if field(form, "grant_type") == "authorization_code" {
            let (number, _) = numbers(&format!("{}-0", field(form, "code")));
            let mut codes = self.codes.borrow_mut();
            let code = &mut codes[number];
            if let Some(family) = code.family {
                self.families.borrow_mut()[family].revoked.get_or_insert(Revoked::CodeReplayed);
                return refused();
            }
            if code.redirect_uri != field(form, "redirect_uri") {
                return refused();
            }
            let mut families = self.families.borrow_mut();
            code.family = Some(families.len());
            let (user, nonce, sign_in) = (code.user, code.nonce.clone(), code.sign_in);
            let issued = vec![(now, resource)];
            families.push(Family { user, nonce, sign_in, refresh: 0, access: 0, issued, key, stale: 0, revoked: None });
            return self.tokens(families.len() - 1, &families[families.len() - 1], true, now);
        }
        let (number, refresh) = numbers(&field(form, "refresh_token"));
        let mut families = self.families.borrow_mut();
        let family = &mut families[number];
        if family.revoked.is_none() && refresh != family.refresh {
            family.revoked = Some(Revoked::Reuse);
        }
        if family.revoked.is_some() || family.key != key {
            return refused();
        }
        family.refresh += u64::from(self.kind.rotates);
        family.access += 1;
        family.issued.push((now, resource));
        self.tokens(number, family, self.kind.renews_id_token, now)
    }

    fn tokens(&self, number: usize, family: &Family, with_id_token: bool, now: u64) -> Response {
        let kind = if family.key.is_some() { "DPoP" } else { "Bearer" };
        let mut members = vec![format!(r#""token_type":"{kind}""#)];
        members.push(format!(r#""access_token":"A-{number}-{}""#, family.access));
        if let Some(seconds) = self.kind.expires_in {
            members.push(format!(r#""expires_in":{seconds}"#));
        }
        if self.kind.refreshes && (family.access == 0 || self.kind.rotates) {
            members.push(format!(r#""refresh_token":"R-{number}-{}""#, family.refresh));
        }
        if with_id_token {
            members.push(format!(r#""id_token":"{}""#, self.id_token(number, family, now / 1000)));
        }
        response(200, &format!("{{{}}}", members.join(",")))
    }

    fn id_token(&self, number: usize, family: &Family, now: u64) -> String {
        let header = format!(r#"{{"alg":"RS256","kid":"key-{}"}}"#, self.key.get());
        let claims = format!(
            r#"{{"iss":"{ISSUER}","sub":"{}","aud":"spa","iat":{now},"exp":{},"nonce":"{}","sid":"{number}"}}"#,
            family.user,
            now + 3600,
            family.nonce
        );
        let part = |text: &str| base64url::encode(text.as_bytes());
        // What it is worth is for the world to say.
        format!("{}.{}.{}", part(&header), part(&claims), base64url::encode(&[0x2a; 256]))
    }

    /// When an access token ends, by the right clock, in milliseconds.
    pub fn ends(&self, family: usize, access: usize) -> Option<u64> {
        Some(self.families.borrow()[family].issued[access].0 + self.kind.expires_in? * 1000)
    }
}

pub fn form(request: &Request) -> Vec<(String, String)> {
    decode_form(request.form.as_ref().unwrap().expose()).unwrap()
}

pub fn field(form: &[(String, String)], name: &str) -> String {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The key in a proof, as it stands there, and its nonce.
pub fn proved(proof: &str) -> (String, Option<String>) {
    let part = |index: usize| -> serde_json::Value {
        let part = proof.split('.').nth(index).unwrap();
        serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap()
    };
    (part(0)["jwk"].to_string(), part(1)["nonce"].as_str().map(ToOwned::to_owned))
}

/// The family and the number of a token.
pub fn numbers(token: &str) -> (usize, u64) {
    let mut parts = token.split('-').skip(1);
    (parts.next().unwrap().parse().unwrap(), parts.next().unwrap().parse().unwrap())
}

pub fn response(status: u16, body: &str) -> Response {
    Response {
        status,
        content_type: Some("application/json".into()),
        retry_after: None,
        aside: Default::default(),
        body: body.as_bytes().into(),
    }
}
