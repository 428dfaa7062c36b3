//! The vault behind message ports: each page has one.

use alloc::{rc::Rc, vec::Vec};
use core::{cell::RefCell, fmt};

use js_sys::{Array, ArrayBuffer, Map};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, MessageEvent, MessagePort, Response};

use super::{
    command::{self, Command, Fetch},
    reply,
    value::{Building, member},
};
use crate::{
    browser::{Attachment, Browser},
    config::Config,
    error::{Error, Platform as PlatformError, Usage},
    platform::ResourceRequest,
    vault::Vault,
};

/// Bodies up to this size, in bytes, are sent at once with the headers: measured to be faster than a stream.
const SMALL_BODY: u64 = 64 * 1024;

/// The vault of the worker or page that made it.
#[wasm_bindgen]
pub struct VaultHost {
    vault: Result<Vault<Browser>, Error>,
    ports: Ports,
}

impl fmt::Debug for VaultHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VaultHost")
    }
}

type Ports = Rc<RefCell<Vec<MessagePort>>>;

#[wasm_bindgen]
impl VaultHost {
    /// A vault for a configuration in JSON, on pages of `origin`. A configuration that is wrong is told to every page
    /// that asks for anything.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(config: &str, origin: &str) -> Self {
        let ports = Ports::default();
        let observers = Rc::clone(&ports);
        let vault = Config::parse(config, origin).map(|config| {
            Vault::new(config, Browser, move |event| {
                let message = reply::event(event);
                for port in observers.borrow().iter() {
                    post(port, &message);
                }
            })
        });
        Self { vault, ports }
    }

    /// Serves a page.
    pub fn connect(&self, port: MessagePort) {
        let service = Service {
            vault: self.vault.clone(),
            ports: Rc::clone(&self.ports),
            port: port.clone(),
            aborts: Map::new(),
        };
        let listener =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| service.receive(&event.data()));
        post(&port, &reply::hello());
        // Starts the port, too; what the page sent before is delivered now.
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // The closure lives as long as the port: JavaScript's garbage collector frees it.
        let _ = listener.into_js_value();
        self.ports.borrow_mut().push(port);
    }
}

#[derive(Clone)]
struct Service {
    vault: Result<Vault<Browser>, Error>,
    ports: Ports,
    port: MessagePort,
    /// The abort controllers of fetches under way, by command ID.
    aborts: Map,
}

impl Service {
    fn receive(&self, message: &JsValue) {
        let id = member(message, "id");
        match Command::read(message) {
            Some(Command::Close) => self.close(),
            Some(Command::Abort) => self.abort(&id),
            Some(command) => {
                let this = self.clone();
                spawn_local(async move { this.answer(id, command).await });
            }
            None => post(&self.port, &reply::reply(&id, Err(Usage::CommandInvalid.into()))),
        }
    }

    fn close(&self) {
        self.ports.borrow_mut().retain(|port| *port != self.port);
        self.port.close();
    }

    fn abort(&self, id: &JsValue) {
        if let Ok(controller) = self.aborts.get(id).dyn_into::<AbortController>() {
            controller.abort();
        }
    }

    async fn answer(&self, id: JsValue, command: Command) {
        let vault = match &self.vault {
            Ok(vault) => vault,
            Err(error) => return post(&self.port, &reply::reply(&id, Err(error.clone()))),
        };
        let outcome = match command {
            Command::Ready { url } => Ok(reply::arrival(&vault.ready(&url).await)),
            Command::SignIn { options } => match command::sign_in_options(&options) {
                Ok(options) => vault.sign_in(options).await.map(|url| reply::url(Some(&url))),
                Err(error) => Err(error),
            },
            Command::SignOut { options } => match command::sign_out_options(&options) {
                Ok(options) => vault.sign_out(options).await.map(|url| reply::url(url.as_deref())),
                Err(error) => Err(error),
            },
            Command::UserInfo => vault.user_info().await.map(|claims| reply::claims(&claims)),
            Command::Renew => vault.renew().await.map(|()| JsValue::UNDEFINED),
            Command::Trace => Ok(reply::trace(vault.trace())),
            Command::Fetch(fetch) => return self.fetch(vault, id, fetch).await,
            Command::Abort | Command::Close => return,
        };
        post(&self.port, &reply::reply(&id, outcome));
    }

    async fn fetch(&self, vault: &Vault<Browser>, id: JsValue, fetch: Fetch) {
        let Ok(controller) = AbortController::new() else {
            return;
        };
        self.aborts.set(&id, &controller);
        let request = ResourceRequest {
            url: fetch.url,
            method: fetch.method,
            headers: fetch.headers,
            authorization: None,
            attachment: Attachment { body: fetch.body, init: fetch.init, signal: controller.signal() },
        };
        match vault.fetch(request).await {
            Ok(answer) => self.pass_on(&id, &answer.0).await,
            Err(error) => post(&self.port, &reply::reply(&id, Err(error))),
        }
        self.aborts.delete(&id);
    }

    /// Hands a response to the page: a small body at once, a larger one as a stream where the engine can transfer one.
    async fn pass_on(&self, id: &JsValue, response: &Response) {
        let length = response.headers().get("content-length").ok().flatten();
        let small = length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length <= SMALL_BODY);
        if let Some(body) = response.body().filter(|_| !small) {
            let message = reply::reply(id, Ok(head(response, &body)));
            if self.port.post_message_with_transferable(&message, &Array::of1(&body)).is_ok() {
                return;
            }
        }
        let body = match response.array_buffer() {
            Ok(body) => JsFuture::from(body).await,
            Err(error) => Err(error),
        };
        if let Ok(body) = body {
            let body: ArrayBuffer = body.unchecked_into();
            let message = reply::reply(id, Ok(head(response, &body)));
            // A buffer of this realm can always be transferred.
            let _ = self.port.post_message_with_transferable(&message, &Array::of1(&body));
        } else {
            // The connection broke while the body was on its way.
            post(&self.port, &reply::reply(id, Err(PlatformError::ProviderUnreachable.into())));
        }
    }
}

/// What the page makes a `Response` of.
fn head(response: &Response, body: &JsValue) -> JsValue {
    Building::new()
        .with("status", f64::from(response.status()))
        .with("statusText", response.status_text())
        .with("url", response.url())
        .with("headers", Array::from(&response.headers()))
        .with("body", body)
        .build()
}

fn post(port: &MessagePort, message: &JsValue) {
    // A port whose page has gone takes messages and drops them.
    let _ = port.post_message(message);
}
