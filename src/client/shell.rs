//! The page shell, as wasm-bindgen has it from `shell.js` or `shell-with-page.js`: its functions, and what it hands out as the values of this crate. What is
//! generated there is written in `pkg-template/src/rust.ts`.

use alloc::{string::String, sync::Arc, vec::Vec};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    Claims, Event, Isolation, RenewalPostponed, RestoreFailure, Session, SignedIn, SignedOut, StepUpDemand, TraceStep,
};
use crate::error::Error;

// Without a vault in the page there are files beside the application, of which the page loads the rest when it needs it.
#[cfg_attr(not(feature = "page"), wasm_bindgen(module = "/src/client/shell.js"))]
#[cfg_attr(feature = "page", wasm_bindgen(module = "/src/client/shell-with-page.js"))]
extern "C" {
    #[wasm_bindgen(catch)]
    pub(super) fn create(
        options: &str,
        navigate: Option<&Function>,
        step_up: Option<&Function>,
        host: Option<&Function>,
    ) -> Result<Face, JsValue>;

    #[derive(Clone, Debug, PartialEq)]
    pub(super) type Face;

    #[wasm_bindgen(method, js_name = session)]
    pub(super) fn seen(this: &Face) -> Seen;

    #[wasm_bindgen(method, js_name = ready)]
    pub(super) fn arrived(this: &Face) -> Promise;

    #[wasm_bindgen(method, js_name = subscribe)]
    pub(super) fn heard(this: &Face, listener: &Function) -> Function;

    #[wasm_bindgen(method, js_name = signIn)]
    pub(super) fn signed_in(this: &Face, options: &str, signal: &AbortSignal) -> Promise;

    #[wasm_bindgen(method, js_name = signInAsInitiated)]
    pub(super) fn initiated(this: &Face, login_hint: bool, confirm: Option<&Function>) -> Promise;

    #[wasm_bindgen(method, js_name = signOut)]
    pub(super) fn signed_out(this: &Face, options: &str) -> Promise;

    #[wasm_bindgen(method, js_name = fetch)]
    pub(super) fn fetched(
        this: &Face,
        input: &JsValue,
        method: Option<&str>,
        headers: Vec<String>,
        body: &JsValue,
        signal: &AbortSignal,
    ) -> Promise;

    #[wasm_bindgen(method, js_name = resume)]
    pub(super) fn resumed(this: &Face) -> Promise;

    #[wasm_bindgen(method, js_name = accessToken)]
    pub(super) fn token(this: &Face, resource: Option<&str>) -> Promise;

    #[wasm_bindgen(method, js_name = userInfo)]
    pub(super) fn informed(this: &Face) -> Promise;

    #[wasm_bindgen(method, js_name = renew)]
    pub(super) fn renewed(this: &Face) -> Promise;

    #[wasm_bindgen(method, js_name = trace)]
    pub(super) fn traced(this: &Face) -> Promise;

    #[wasm_bindgen(method, js_name = onTrace)]
    pub(super) fn heard_step(this: &Face, listener: &Function) -> Function;

    #[wasm_bindgen(method, js_name = onEvent)]
    pub(super) fn heard_event(this: &Face, listener: &Function) -> Function;

    /// Whatever the shell hands out: a session, an error, an event. What it lacks is `undefined`.
    #[derive(Clone, Debug)]
    pub(super) type Seen;

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn member(this: &Seen, name: &str) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = maxAge)]
    fn max_age(this: &Seen) -> Option<u32>;

    #[wasm_bindgen(method, getter)]
    fn texts(this: &Seen) -> Option<Vec<String>>;

    #[wasm_bindgen(method, getter)]
    fn scopes(this: &Seen) -> Option<Vec<String>>;
}

impl Seen {
    // One function of the glue's for all of them: each of its own would be an import, a conversion and a few lines of JavaScript.
    fn given(&self, name: &str) -> Option<String> {
        self.member(name).as_string()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.given(name).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.member(name).as_f64()
    }

    fn is_true(&self, name: &str) -> bool {
        self.member(name).is_truthy()
    }

    fn failure(&self) -> Option<Error> {
        let error = self.member("error");
        error.is_truthy().then(|| error.unchecked_into::<Self>().to_error())
    }

    pub(super) fn to_session(&self) -> Session {
        let error = self.failure();
        let isolation = match self.given("isolation").as_deref() {
            Some("shared") => Isolation::Shared,
            Some("worker") => Isolation::Worker,
            _ => Isolation::Page,
        };
        match self.text("status").as_str() {
            "signed-in" => Session::SignedIn(Arc::new(SignedIn {
                isolation,
                claims: self.to_claims(),
                scope: self.scopes().unwrap_or_default(),
                access_token_expires_at: self.number("accessTokenExpiresAt"),
                token_type: self.text("tokenType"),
                authorization_details: self.given("authorizationDetails"),
                access_token_exposed: self.is_true("accessTokenExposed"),
                renewable: self.is_true("renewable"),
                renewal_postponed: self
                    .given("postponedCode")
                    .map(|code| RenewalPostponed { code, retry_at: self.number("retryAt").unwrap_or_default() }),
                session_state: self.given("sessionState"),
                restored_by: self.text("restoredBy"),
                error,
            })),
            "signed-out" => Session::SignedOut(Arc::new(SignedOut {
                isolation,
                reason: self.given("reason"),
                restore_failure: self.given("failedCode").map(|code| RestoreFailure {
                    by: self.text("failedBy"),
                    code,
                    detail: self.given("failedDetail"),
                }),
                error,
            })),
            _ => Session::Loading,
        }
    }

    pub(super) fn to_claims(&self) -> Claims {
        Claims::new(self.text("claims"), self.texts().unwrap_or_default())
    }

    pub(super) fn to_error(&self) -> Error {
        Error::told(&self.text("code"), self.given("detail"), self.given("error"), self.given("errorDescription"))
    }

    pub(super) fn to_step(&self) -> TraceStep {
        TraceStep { at: self.number("at").unwrap_or_default(), step: self.text("step"), detail: self.given("detail") }
    }

    pub(super) fn to_event(&self) -> Event {
        Event {
            kind: self.text("type"),
            at: self.number("at").unwrap_or_default(),
            reason: self.given("reason"),
            code: self.given("code"),
            by: self.given("by"),
            error: self.failure(),
        }
    }

    pub(super) fn to_demand(&self) -> StepUpDemand {
        StepUpDemand {
            url: self.text("url"),
            error: self.text("error"),
            acr_values: self.given("acrValues"),
            max_age: self.max_age(),
            scope: self.given("scope"),
        }
    }
}
