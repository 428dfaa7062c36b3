//! The page shell, as wasm-bindgen has it from `shell.js`: its functions, and what it hands out as the values of this crate. What is
//! generated there is written in `pkg-template/src/rust.ts`.

use alloc::{borrow::ToOwned, string::String, sync::Arc, vec::Vec};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    Claims, Event, Isolation, RenewalPostponed, RestoreFailure, Session, SignedIn, SignedOut, StepUpDemand, TraceStep,
};
use crate::error::Error;

#[wasm_bindgen(module = "/src/client/shell.js")]
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

    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &Seen) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn isolation(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn claims(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn texts(this: &Seen) -> Option<Vec<String>>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn scope(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = accessTokenExpiresAt)]
    pub(super) fn access_token_expires_at(this: &Seen) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = tokenType)]
    pub(super) fn token_type(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    pub(super) fn access_token(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = authorizationDetails)]
    pub(super) fn authorization_details(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = accessTokenExposed)]
    pub(super) fn access_token_exposed(this: &Seen) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn renewable(this: &Seen) -> Option<bool>;
    #[wasm_bindgen(method, getter, js_name = postponedCode)]
    pub(super) fn postponed_code(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = retryAt)]
    pub(super) fn retry_at(this: &Seen) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = sessionState)]
    pub(super) fn session_state(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = restoredBy)]
    pub(super) fn restored_by(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = failedBy)]
    pub(super) fn failed_by(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = failedCode)]
    pub(super) fn failed_code(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = failedDetail)]
    pub(super) fn failed_detail(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn reason(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = error)]
    pub(super) fn failure(this: &Seen) -> Option<Seen>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn code(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn detail(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = error)]
    pub(super) fn error_name(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = errorDescription)]
    pub(super) fn error_description(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn at(this: &Seen) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn step(this: &Seen) -> String;
    #[wasm_bindgen(method, getter, js_name = type)]
    pub(super) fn kind(this: &Seen) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn by(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = acrValues)]
    pub(super) fn acr_values(this: &Seen) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = maxAge)]
    pub(super) fn max_age(this: &Seen) -> Option<u32>;
}

impl Seen {
    pub(super) fn to_session(&self) -> Session {
        let error = self.failure().map(|error| error.to_error());
        let isolation = match self.isolation().as_deref() {
            Some("shared") => Isolation::Shared,
            Some("worker") => Isolation::Worker,
            _ => Isolation::Page,
        };
        match self.status().as_str() {
            "signed-in" => Session::SignedIn(Arc::new(SignedIn {
                isolation,
                claims: self.to_claims(),
                scope: self.scope().iter().flat_map(|scope| scope.split(' ')).map(ToOwned::to_owned).collect(),
                access_token_expires_at: self.access_token_expires_at(),
                token_type: self.token_type().unwrap_or_default(),
                authorization_details: self.authorization_details(),
                access_token_exposed: self.access_token_exposed() == Some(true),
                renewable: self.renewable() == Some(true),
                renewal_postponed: self
                    .postponed_code()
                    .map(|code| RenewalPostponed { code, retry_at: self.retry_at().unwrap_or_default() }),
                session_state: self.session_state(),
                restored_by: self.restored_by().unwrap_or_default(),
                error,
            })),
            "signed-out" => Session::SignedOut(Arc::new(SignedOut {
                isolation,
                reason: self.reason(),
                restore_failure: self.failed_code().map(|code| RestoreFailure {
                    by: self.failed_by().unwrap_or_default(),
                    code,
                    detail: self.failed_detail(),
                }),
                error,
            })),
            _ => Session::Loading,
        }
    }

    pub(super) fn to_claims(&self) -> Claims {
        Claims::new(self.claims().unwrap_or_default(), self.texts().unwrap_or_default())
    }

    pub(super) fn to_error(&self) -> Error {
        Error::told(&self.code().unwrap_or_default(), self.detail(), self.error_name(), self.error_description())
    }

    pub(super) fn to_step(&self) -> TraceStep {
        TraceStep { at: self.at(), step: self.step(), detail: self.detail() }
    }

    pub(super) fn to_event(&self) -> Event {
        Event {
            kind: self.kind(),
            at: self.at(),
            reason: self.reason(),
            code: self.code(),
            by: self.by(),
            error: self.failure().map(|error| error.to_error()),
        }
    }

    pub(super) fn to_demand(&self) -> StepUpDemand {
        StepUpDemand {
            url: self.url().unwrap_or_default(),
            error: self.error_name().unwrap_or_default(),
            acr_values: self.acr_values(),
            max_age: self.max_age(),
            scope: self.scope(),
        }
    }
}
