//! Options as JavaScript has them, in the words of the Rust client.

use js_sys::{Array, Function, JSON, Promise, Reflect};
use valetkey::{
    Config, SignIn,
    client::{Dpop, Isolation, Par, Persist, Resource, ResponseMode, Restore, StepUpChoice, Transactions},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::values::demand;

pub fn member(of: &JsValue, name: &str) -> JsValue {
    if of.is_object() { Reflect::get(of, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
}

pub fn text(of: &JsValue, name: &str) -> Option<String> {
    member(of, name).as_string()
}

fn written(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}

macro_rules! choice {
    ($of:expr, $name:literal, $($choice:expr),* $(,)?) => {
        text($of, $name).map(|name| [$($choice),*].into_iter().find(|choice| choice.name() == name).unwrap())
    };
}

/// # Errors
/// An option that the Rust client does not have: then a scenario would hold nothing.
pub fn config(options: &JsValue) -> Result<Config, JsValue> {
    let mut config =
        Config::new(&text(options, "issuer").unwrap_or_default(), &text(options, "clientId").unwrap_or_default());
    for name in
        js_sys::Object::keys(options.unchecked_ref::<js_sys::Object>()).iter().filter_map(|name| name.as_string())
    {
        let value = member(options, &name);
        if value.is_undefined() {
            continue;
        }
        let string = value.as_string().unwrap_or_default();
        config = match name.as_str() {
            "issuer" | "clientId" => config,
            "redirectUri" => config.redirect_uri(&string),
            "callbackUri" => config.callback_uri(&string),
            "scope" => config.scope(&string),
            "assets" => config.assets(&string),
            "resources" => {
                value.unchecked_into::<Array>().iter().fold(config, |config, given| config.resource(resource(&given)))
            }
            "isolation" => config.isolation(
                choice!(options, "isolation", Isolation::Auto, Isolation::Shared, Isolation::Worker, Isolation::Page)
                    .unwrap(),
            ),
            "restore" => config.restore(choice!(options, "restore", Restore::Silent, Restore::Memory).unwrap()),
            "dpop" => config.dpop(choice!(options, "dpop", Dpop::Auto, Dpop::Required, Dpop::Off).unwrap()),
            "par" => config.par(choice!(options, "par", Par::Auto, Par::Required).unwrap()),
            "persist" => config.persist(choice!(options, "persist", Persist::Memory, Persist::Dpop).unwrap()),
            "transactions" => config
                .transactions(choice!(options, "transactions", Transactions::Stored, Transactions::Memory).unwrap()),
            "responseMode" => config.response_mode(
                choice!(
                    options,
                    "responseMode",
                    ResponseMode::Query,
                    ResponseMode::Fragment,
                    ResponseMode::QueryJwt,
                    ResponseMode::FragmentJwt,
                )
                .unwrap(),
            ),
            "exposeAccessToken" if value == JsValue::TRUE => config.expose_access_token(),
            "monitorSession" if value == JsValue::TRUE => config.monitor_session(),
            "dangerAllowInsecureHttp" if value == JsValue::TRUE => config.danger_allow_insecure_http(),
            "dangerAllowFraming" if value == JsValue::TRUE => config.danger_allow_framing(),
            "postLogoutRedirectUri" => config.post_logout_redirect_uri(&string),
            "metadata" => config.metadata(&written(&value)),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test gives whole seconds")]
            "clockTolerance" => config.clock_tolerance(value.as_f64().unwrap_or_default() as u32),
            "navigate" => {
                let navigate: Function = value.unchecked_into();
                config.navigate(move |url| drop(navigate.call1(&JsValue::UNDEFINED, &url.into())))
            }
            "stepUp" => {
                let ask: Function = value.unchecked_into();
                config.step_up(move |asked| {
                    let answer = ask.call1(&JsValue::UNDEFINED, &demand(&asked)).unwrap_or_default();
                    async move {
                        let choice = JsFuture::from(Promise::resolve(&answer)).await.unwrap_or_default();
                        match choice.as_string().as_deref() {
                            Some("popup") => StepUpChoice::Popup,
                            Some("redirect") => StepUpChoice::Redirect,
                            _ => StepUpChoice::Refuse,
                        }
                    }
                })
            }
            _ => return Err(format!("the Rust client has no option {name}").into()),
        };
    }
    Ok(config)
}

fn resource(given: &JsValue) -> Resource {
    if let Some(url) = given.as_string() {
        return Resource::from(url.as_str());
    }
    let mut resource = Resource::new(&text(given, "url").unwrap_or_default());
    if let Some(scope) = text(given, "scope") {
        resource = resource.scope(&scope);
    }
    if let Some(uri) = text(given, "resource") {
        resource = resource.resource(&uri);
    }
    if let Some(audience) = text(given, "audience") {
        resource = resource.audience(&audience);
    }
    resource
}

type Setter = fn(SignIn, &str) -> SignIn;

pub fn sign_in(options: &JsValue) -> SignIn {
    let mut asked = match text(options, "mode").as_deref() {
        Some("popup") => SignIn::popup(),
        Some("silent") => SignIn::silent(),
        _ => SignIn::redirect(),
    };
    let texts: [(&str, Setter); 6] = [
        ("returnTo", SignIn::return_to),
        ("prompt", SignIn::prompt),
        ("acrValues", SignIn::acr_values),
        ("loginHint", SignIn::login_hint),
        ("uiLocales", SignIn::ui_locales),
        ("scope", SignIn::scope),
    ];
    for (name, set) in texts {
        if let Some(value) = text(options, name) {
            asked = set(asked, &value);
        }
    }
    if let Some(seconds) = member(options, "maxAge").as_f64() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test gives whole seconds")]
        let seconds = seconds as u32;
        asked = asked.max_age(seconds);
    }
    for (name, set) in [("claims", SignIn::claims as Setter), ("authorizationDetails", SignIn::authorization_details)] {
        let value = member(options, name);
        if value.is_object() {
            asked = set(asked, &written(&value));
        }
    }
    if member(options, "idTokenHint").is_truthy() {
        asked = asked.id_token_hint();
    }
    if member(options, "sameUser").is_truthy() {
        asked = asked.same_user();
    }
    asked
}
