//! In a browser: what a client is asked for, passed on to the page shell.

use alloc::{rc::Rc, string::String, vec::Vec};

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortController, AbortSignal};

pub(super) use super::shell::Face;
use super::{
    Claims, Config, Event, ExposedAccessToken, Initiation, Pending, Request, Response, Session, SignIn, SignOut,
    StepUpChoice, StepUpDemand, Subscription, TraceStep,
    request::{Body, Target},
    shell::{Seen, create},
};
use crate::error::{Error, Platform as PlatformError, Usage};

/// Takes back what is being waited for when it is waited for no longer.
struct Revocable(Option<AbortController>);

impl Revocable {
    fn new() -> (Self, AbortSignal) {
        // The constructor has nothing to throw.
        let controller = AbortController::new().unwrap_or_else(JsCast::unchecked_into);
        let signal = controller.signal();
        (Self(Some(controller)), signal)
    }

    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Revocable {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

async fn settled(future: JsFuture) -> Result<JsValue, Error> {
    future.await.map_err(|thrown| thrown.unchecked_into::<Seen>().to_error())
}

fn pending<T: 'static>(promise: Promise, value: impl FnOnce(JsValue) -> T + 'static) -> Pending<T> {
    // Before anybody polls: a promise that is refused meanwhile is not one that nobody handles.
    let future = JsFuture::from(promise);
    Pending::new(async move { settled(future).await.map(value) })
}

/// `listener` in JavaScript, for as long as `end` has not been called.
fn subscription(
    listener: Closure<dyn FnMut(Seen)>,
    begin: impl FnOnce(&js_sys::Function) -> js_sys::Function,
) -> Subscription {
    let end = begin(listener.as_ref().unchecked_ref());
    Subscription::new(move || {
        let _ = end.call0(&JsValue::UNDEFINED);
        drop(listener);
    })
}

/// Makes a function in JavaScript of one of the application's. As a value, so that what an application never sets costs it nothing.
pub(super) type Function = Rc<dyn Fn() -> js_sys::Function>;

pub(super) fn navigating(navigate: impl Fn(String) + 'static) -> Function {
    let navigate = Rc::new(navigate);
    Rc::new(move || {
        let navigate = Rc::clone(&navigate);
        Closure::<dyn Fn(String)>::new(move |url| navigate(url)).into_js_value().unchecked_into()
    })
}

pub(super) fn stepping_up<F>(ask: impl Fn(StepUpDemand) -> F + 'static) -> Function
where
    F: Future<Output = StepUpChoice> + 'static,
{
    let ask = Rc::new(ask);
    Rc::new(move || {
        let ask = Rc::clone(&ask);
        let ask = move |demand: Seen| {
            let choice = ask(demand.to_demand());
            future_to_promise(async move { Ok(JsValue::from_str(choice.await.name())) })
        };
        Closure::<dyn Fn(Seen) -> Promise>::new(ask).into_js_value().unchecked_into()
    })
}

impl Face {
    pub(super) fn new(mut config: Config) -> Result<Self, Error> {
        let [navigate, step_up] = [config.navigate.take(), config.step_up.take()].map(|make| make.map(|make| make()));
        create(&config.into_json(), navigate.as_ref(), step_up.as_ref(), host().as_ref())
            .map_err(|thrown| thrown.unchecked_into::<Seen>().to_error())
    }

    pub(super) fn session(&self) -> Session {
        self.seen().to_session()
    }

    pub(super) fn ready(&self) -> Pending<Session> {
        pending(self.arrived(), |seen| seen.unchecked_into::<Seen>().to_session())
    }

    pub(super) fn subscribe(&self, mut listener: impl FnMut(Session) + 'static) -> Subscription {
        let face = self.clone();
        let listener = Closure::<dyn FnMut(Seen)>::new(move |_| listener(face.session()));
        subscription(listener, |listener| self.heard(listener))
    }

    pub(super) fn sign_in(&self, options: SignIn) -> Pending<()> {
        let (revocable, signal) = Revocable::new();
        let promise = self.signed_in(&options.into_json(), &signal);
        pending(promise, |_| revocable.done())
    }

    pub(super) fn sign_in_as_initiated(&self, options: Initiation) -> Pending<bool> {
        let confirm = options.confirm.map(|ask| {
            Closure::<dyn FnMut(String, Option<String>) -> bool>::wrap(ask).into_js_value().unchecked_into()
        });
        pending(self.initiated(options.login_hint, confirm.as_ref()), |value| value.is_truthy())
    }

    pub(super) fn sign_out(&self, options: SignOut) -> Pending<bool> {
        pending(self.signed_out(&options.into_json()), |value| value.is_truthy())
    }

    pub(super) fn fetch(&self, request: Request) -> Pending<Response> {
        let (revocable, signal) = Revocable::new();
        let (input, method) = match request.target {
            Target::Url { url, method } => (JsValue::from(url), Some(method)),
            Target::Raw(request) => (request.into(), None),
        };
        let body = match request.body {
            Body::None => JsValue::UNDEFINED,
            Body::Text(text) => text.into(),
            Body::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
            Body::Raw(body) => body,
        };
        let promise = self.fetched(&input, method.as_deref(), request.headers, &body, &signal);
        // A body that is read later is taken back with the response, by whoever has it.
        pending(promise, |response| {
            revocable.done();
            Response(Answer(response.unchecked_into()))
        })
    }

    pub(super) fn resume(&self) -> Pending<Option<Response>> {
        pending(self.resumed(), |response| response.is_truthy().then(|| Response(Answer(response.unchecked_into()))))
    }

    pub(super) fn access_token(&self, resource: Option<&str>) -> Pending<ExposedAccessToken> {
        pending(self.token(resource), |exposed| {
            let exposed = exposed.unchecked_into::<Seen>();
            ExposedAccessToken { access_token: exposed.text("accessToken"), token_type: exposed.text("tokenType") }
        })
    }

    pub(super) fn user_info(&self) -> Pending<Claims> {
        pending(self.informed(), |seen| seen.unchecked_into::<Seen>().to_claims())
    }

    pub(super) fn renew(&self) -> Pending<()> {
        pending(self.renewed(), drop)
    }

    pub(super) fn trace(&self) -> Pending<Vec<TraceStep>> {
        pending(self.traced(), |steps| {
            steps.unchecked_into::<Array>().iter().map(|step| step.unchecked_into::<Seen>().to_step()).collect()
        })
    }

    pub(super) fn on_trace(&self, mut listener: impl FnMut(TraceStep) + 'static) -> Subscription {
        let listener = Closure::<dyn FnMut(Seen)>::new(move |step: Seen| listener(step.to_step()));
        subscription(listener, |listener| self.heard_step(listener))
    }

    pub(super) fn on_event(&self, mut listener: impl FnMut(Event) + 'static) -> Subscription {
        let listener = Closure::<dyn FnMut(Seen)>::new(move |event: Seen| listener(event.to_event()));
        subscription(listener, |listener| self.heard_event(listener))
    }
}

/// What makes a vault within this module.
#[cfg(feature = "page")]
#[allow(clippy::unnecessary_wraps, reason = "as the one below")]
fn host() -> Option<js_sys::Function> {
    use crate::{
        bindings::VaultHost,
        browser::{Browser, session_storage::SessionStore},
    };
    let make =
        |config: String, origin: String| -> JsValue { VaultHost::new(Browser(SessionStore), &config, &origin).into() };
    Some(Closure::<dyn Fn(String, String) -> JsValue>::new(make).into_js_value().unchecked_into())
}

/// The application was built without.
#[cfg(not(feature = "page"))]
#[allow(clippy::missing_const_for_fn, clippy::unnecessary_wraps, reason = "as the one above")]
fn host() -> Option<js_sys::Function> {
    None
}

/// A response of the browser's.
#[derive(Debug)]
pub(super) struct Answer(web_sys::Response);

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.0.status()
    }

    pub(super) fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    pub(super) async fn text(&self) -> Result<String, Error> {
        Ok(self.whole(web_sys::Response::text).await?.as_string().unwrap_or_default())
    }

    pub(super) async fn bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(Uint8Array::new(&self.whole(web_sys::Response::array_buffer).await?).to_vec())
    }

    async fn whole(
        &self,
        read_by: impl FnOnce(&web_sys::Response) -> Result<Promise, JsValue>,
    ) -> Result<JsValue, Error> {
        let read = self.0.body_used();
        match read_by(&self.0) {
            Ok(promise) => JsFuture::from(promise).await.map_err(|_| {
                if read { Usage::RequestInvalid.about("body") } else { PlatformError::ProviderUnreachable.into() }
            }),
            Err(_) => Err(Usage::RequestInvalid.about("body")),
        }
    }

    pub(super) fn into_raw(self) -> web_sys::Response {
        self.0
    }
}

#[cfg(feature = "serde")]
pub(super) fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, String> {
    let value = js_sys::JSON::parse(json).map_err(|_| "no JSON")?;
    serde_wasm_bindgen::from_value(value).map_err(|error| alloc::string::ToString::to_string(&error))
}

#[cfg(feature = "serde")]
pub(super) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let value = value.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    let value = value.map_err(|error| alloc::string::ToString::to_string(&error))?;
    js_sys::JSON::stringify(&value).map(String::from).map_err(|_| "no JSON".into())
}
