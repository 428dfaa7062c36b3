//! The client for Rust front ends, put back into the shape of the JavaScript one: so one list of scenarios is held against both.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::future_not_send, reason = "there is one thread")]

mod options;
mod values;

use js_sys::{Function, Promise};
use valetkey::{
    Client, SignOut,
    client::{Initiation, Request, Subscription},
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use crate::{
    options::{config, member, sign_in, text},
    values::{error, event, json, session, step},
};

/// What `tests/rust/face.mjs` makes an `OidcClient` of.
#[wasm_bindgen]
pub struct RustClient {
    client: Client,
    subscriptions: Vec<Subscription>,
}

type Outcome = Result<JsValue, JsValue>;

fn answered(future: impl Future<Output = Outcome> + 'static) -> Promise {
    future_to_promise(future)
}

#[wasm_bindgen]
impl RustClient {
    /// # Errors
    /// Whatever the client says.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        let client = Client::new(config(options)?).map_err(|refusal| error(&refusal))?;
        Ok(Self { client, subscriptions: Vec::new() })
    }

    #[wasm_bindgen(getter)]
    pub fn session(&self) -> JsValue {
        session(&self.client.session())
    }

    pub fn ready(&self) -> Promise {
        let ready = self.client.ready();
        answered(async move { ready.await.map(|now| session(&now)).map_err(|refusal| error(&refusal)) })
    }

    pub fn subscribe(&mut self, listener: Function) {
        let tell = move |now: valetkey::Session| drop(listener.call1(&JsValue::UNDEFINED, &session(&now)));
        self.subscriptions.push(self.client.subscribe(tell));
    }

    /// As an application does that listens for as long as the page lives.
    #[wasm_bindgen(js_name = subscribeForEver)]
    pub fn subscribe_for_ever(&self, listener: Function) {
        let tell = move |now: valetkey::Session| drop(listener.call1(&JsValue::UNDEFINED, &session(&now)));
        self.client.subscribe(tell).forget();
    }

    /// Drops what `subscribe`, `onTrace` and `onEvent` began.
    pub fn unsubscribe(&mut self) {
        self.subscriptions.clear();
    }

    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: &JsValue) -> Promise {
        let signing_in = self.client.sign_in(sign_in(options));
        answered(async move { signing_in.await.map(|()| JsValue::UNDEFINED).map_err(|refusal| error(&refusal)) })
    }

    #[wasm_bindgen(js_name = signInAsInitiated)]
    pub fn sign_in_as_initiated(&self) -> Promise {
        let signing_in = self.client.sign_in_as_initiated(Initiation::new());
        answered(async move { signing_in.await.map(JsValue::from).map_err(|refusal| error(&refusal)) })
    }

    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, options: &JsValue) -> Promise {
        let mut asked = SignOut::new();
        if let Some(path) = text(options, "returnTo") {
            asked = asked.return_to(&path);
        }
        if member(options, "local").is_truthy() {
            asked = asked.local();
        }
        if member(options, "revoke") == JsValue::FALSE {
            asked = asked.without_revocation();
        }
        let signing_out = self.client.sign_out(asked);
        answered(async move {
            let revoked = signing_out.await.map_err(|refusal| error(&refusal))?;
            Ok(json(&serde_json::json!({ "revoked": revoked })))
        })
    }

    /// The response, or what `fetch` throws.
    pub fn fetch(&self, url: &str, init: &JsValue) -> Promise {
        let request = match (text(init, "method"), text(init, "body")) {
            _ if !init.is_object() => Request::from(url),
            (method, Some(body)) if member(init, "headers").is_undefined() => {
                Request::new(method.as_deref().unwrap_or("GET"), url).text(body)
            }
            _ => match web_sys::Request::new_with_str_and_init(url, init.unchecked_ref()) {
                Ok(request) => request.into(),
                Err(thrown) => return Promise::reject(&thrown),
            },
        };
        let calling = self.client.fetch(request);
        answered(
            async move { calling.await.map(|response| response.into_raw().into()).map_err(|refusal| error(&refusal)) },
        )
    }

    /// What reading an answer as text comes to, `times` after one another.
    #[wasm_bindgen(js_name = readAsText)]
    pub fn read_as_text(&self, url: &str, times: usize) -> Promise {
        let calling = self.client.fetch(url);
        answered(async move {
            let response = calling.await.map_err(|refusal| error(&refusal))?;
            let outcomes = js_sys::Array::new();
            for _ in 0..times {
                let text = response.text().await;
                outcomes.push(&text.unwrap_or_else(|refusal| refusal.code().to_owned()).into());
            }
            Ok(outcomes.into())
        })
    }

    pub fn resume(&self) -> Promise {
        let resuming = self.client.resume();
        answered(async move {
            let response = resuming.await.map_err(|refusal| error(&refusal))?;
            Ok(response.map_or(JsValue::UNDEFINED, |response| response.into_raw().into()))
        })
    }

    #[wasm_bindgen(js_name = getAccessToken)]
    pub fn access_token(&self, options: &JsValue) -> Promise {
        let asking = self.client.access_token(text(options, "resource").as_deref());
        answered(async move {
            let exposed = asking.await.map_err(|refusal| error(&refusal))?;
            Ok(json(&serde_json::json!({ "accessToken": exposed.access_token, "tokenType": exposed.token_type })))
        })
    }

    #[wasm_bindgen(js_name = userInfo)]
    pub fn user_info(&self) -> Promise {
        let asking = self.client.user_info();
        answered(async move {
            let claims = asking.await.map_err(|refusal| error(&refusal))?;
            js_sys::JSON::parse(claims.as_json())
        })
    }

    pub fn renew(&self) -> Promise {
        let renewing = self.client.renew();
        answered(async move { renewing.await.map(|()| JsValue::UNDEFINED).map_err(|refusal| error(&refusal)) })
    }

    pub fn trace(&self) -> Promise {
        let asking = self.client.trace();
        answered(async move {
            let steps = asking.await.map_err(|refusal| error(&refusal))?;
            Ok(steps.iter().map(step).collect::<js_sys::Array>().into())
        })
    }

    #[wasm_bindgen(js_name = onTrace)]
    pub fn on_trace(&mut self, listener: Function) {
        let tell = move |heard| drop(listener.call1(&JsValue::UNDEFINED, &step(&heard)));
        self.subscriptions.push(self.client.on_trace(tell));
    }

    #[wasm_bindgen(js_name = onEvent)]
    pub fn on_event(&mut self, listener: Function) {
        let tell = move |heard| drop(listener.call1(&JsValue::UNDEFINED, &event(&heard)));
        self.subscriptions.push(self.client.on_event(tell));
    }
}
