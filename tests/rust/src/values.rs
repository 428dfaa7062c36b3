//! What the Rust client answers, in the shape of the JavaScript one.

use js_sys::JSON;
use serde_json::{Map, Value, from_str, json};
use valetkey::{
    Error, Session,
    client::{Event, StepUpDemand, TraceStep},
};
use wasm_bindgen::JsValue;

/// What is not said is not there.
fn object(members: Value) -> Value {
    let Value::Object(members) = members else { return members };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

pub fn json(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap_or_default()
}

fn told(error: &Error) -> Value {
    object(json!({
        "code": error.code(),
        "message": error.to_string(),
        "hint": error.hint(),
        "detail": error.detail(),
        "error": error.refusal().map(|refusal| &refusal.error),
        "errorDescription": error.refusal().and_then(|refusal| refusal.description.as_ref()),
    }))
}

pub fn error(error: &Error) -> JsValue {
    json(&told(error))
}

pub fn session(session: &Session) -> JsValue {
    json(&object(match session {
        Session::Loading => json!({ "status": "loading" }),
        Session::SignedOut(session) => json!({
            "status": "signed-out",
            "isolation": session.isolation.name(),
            "reason": session.reason,
            "restoreFailure": session.restore_failure.as_ref().map(|failure| object(json!({
                "by": failure.by,
                "code": failure.code,
                "detail": failure.detail,
            }))),
            "error": session.error.as_ref().map(told),
        }),
        Session::SignedIn(session) => json!({
            "status": "signed-in",
            "isolation": session.isolation.name(),
            "claims": from_str::<Value>(session.claims.as_json()).unwrap_or_default(),
            "scope": session.scope,
            "accessTokenExpiresAt": session.access_token_expires_at,
            "tokenType": session.token_type,
            "authorizationDetails": session.authorization_details.as_deref().and_then(|details| from_str::<Value>(details).ok()),
            "accessTokenExposed": session.access_token_exposed.then_some(true),
            "renewable": session.renewable,
            "renewalPostponed": session.renewal_postponed.as_ref().map(|postponed| json!({
                "code": postponed.code,
                "retryAt": postponed.retry_at,
            })),
            "sessionState": session.session_state,
            "restoredBy": session.restored_by,
            "error": session.error.as_ref().map(told),
        }),
    }))
}

pub fn step(step: &TraceStep) -> JsValue {
    json(&object(json!({ "at": step.at, "step": step.step, "detail": step.detail })))
}

pub fn event(event: &Event) -> JsValue {
    json(&object(json!({
        "type": event.kind,
        "at": event.at,
        "reason": event.reason,
        "code": event.code,
        "by": event.by,
        "error": event.error.as_ref().map(told),
    })))
}

pub fn demand(demand: &StepUpDemand) -> JsValue {
    json(&object(json!({
        "url": demand.url,
        "error": demand.error,
        "acrValues": demand.acr_values,
        "maxAge": demand.max_age,
        "scope": demand.scope,
    })))
}
