//! The vault behind message ports: each page has one.

use alloc::string::String;

use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortSignal, MessagePort, Response};

use super::{
    command::{Command, Fetch},
    reply,
};
use crate::{
    browser::{Attachment, ResourceAnswer},
    config::Config,
    error::{Error, Usage},
    platform::{Platform, ResourceRequest},
    vault::{Vault, message::Event},
};

#[wasm_bindgen(module = "/src/bindings/port.js")]
extern "C" {
    /// The vault of the worker or page that made it.
    #[derive(Clone, Debug)]
    pub type VaultHost;

    #[wasm_bindgen(constructor)]
    fn empty() -> VaultHost;

    #[wasm_bindgen(method)]
    fn serve(this: &VaultHost, receive: &JsValue);

    #[wasm_bindgen(method)]
    fn tell(this: &VaultHost, event: &str);

    /// Tells the other vaults of this origin that the client of this tag has signed out.
    #[wasm_bindgen(method, js_name = signedOut)]
    fn signed_out(this: &VaultHost, tag: &str, revoke: bool);

    /// Serves a page.
    #[wasm_bindgen(method)]
    pub fn connect(this: &VaultHost, port: MessagePort);

    type Call;

    #[wasm_bindgen(method)]
    fn answer(this: &Call, message: &str);

    #[wasm_bindgen(method)]
    fn respond(this: &Call, response: &Response, demand: Option<String>);

    #[wasm_bindgen(method, getter)]
    fn body(this: &Call) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn init(this: &Call) -> JsValue;

    #[wasm_bindgen(method)]
    fn signal(this: &Call) -> AbortSignal;

    #[wasm_bindgen(method)]
    fn abort(this: &Call);

    #[wasm_bindgen(method)]
    fn close(this: &Call);
}

impl VaultHost {
    /// A vault for a configuration in JSON, on pages of `origin`. A configuration that is wrong is told to every page
    /// that asks for anything.
    #[must_use]
    pub fn new<P: Browsing>(platform: P, config: &str, origin: &str) -> Self {
        let host = Self::empty();
        let observers = host.clone();
        let vault = Config::parse(config, origin).map(|config| {
            Vault::new(config, platform, move |event| match event {
                Event::SignedOut { tag, keep_tokens } => observers.signed_out(tag, !keep_tokens),
                event => observers.tell(&reply::event(event)),
            })
        });
        let receive =
            Closure::<dyn FnMut(Call, String)>::new(move |call: Call, command: String| match Command::read(&command) {
                Some(Command::Close) => call.close(),
                Some(Command::Abort) => call.abort(),
                Some(command) => spawn_local(answer(vault.clone(), call, command)),
                None => call.answer(&reply::error(&Usage::CommandInvalid.into())),
            });
        // The closure lives as long as the host: JavaScript's garbage collector frees it.
        host.serve(&receive.into_js_value());
        host
    }
}

/// [`VaultHost::new`] for JavaScript.
#[cfg(feature = "js")]
#[wasm_bindgen]
#[must_use]
pub fn vault(config: &str, origin: &str) -> VaultHost {
    VaultHost::new(crate::browser::Browser::<crate::browser::IndexedDb>::default(), config, origin)
}

/// A platform whose requests are the browser's.
pub trait Browsing: Platform<Attachment = Attachment, Answer = ResourceAnswer> {}

impl<P: Platform<Attachment = Attachment, Answer = ResourceAnswer>> Browsing for P {}

async fn answer<P: Browsing>(vault: Result<Vault<P>, Error>, call: Call, command: Command) {
    let outcome = match vault {
        Ok(vault) => outcome(&vault, &call, command).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(Some(value)) => call.answer(&reply::value(&value)),
        Ok(None) => {}
        Err(error) => call.answer(&reply::error(&error)),
    }
}

/// The value of the reply, if there is still one to send.
async fn outcome<P: Browsing>(vault: &Vault<P>, call: &Call, command: Command) -> Result<Option<String>, Error> {
    Ok(Some(match command {
        Command::Ready { url } => reply::arrival(&vault.ready(&url).await),
        Command::Overhear { url } => reply::arrival(&vault.overhear(&url).await),
        Command::SignIn { options } => reply::departure(&vault.sign_in(options?).await?),
        Command::Outcome { ticket } => {
            vault.outcome(ticket).await?;
            call.answer(&reply::done());
            return Ok(None);
        }
        Command::SignOut { options } => reply::signed_out(&vault.sign_out(options?).await?),
        Command::AccessToken { resource } => {
            reply::access_token(&vault.exposed_access_token(resource.as_deref()).await?)
        }
        Command::UserInfo => vault.user_info().await?.as_json().into(),
        Command::Renew => {
            vault.renew().await?;
            call.answer(&reply::done());
            return Ok(None);
        }
        Command::Trace => reply::trace(&vault.trace()),
        Command::Monitoring => reply::url(vault.check_session_iframe().await?.as_deref()),
        Command::Fetch(Fetch { url, method, headers }) => {
            let attachment = Attachment { body: call.body(), init: call.init(), signal: call.signal() };
            let request = ResourceRequest { url, method, headers, authorization: None, proof: None, attachment };
            let answered = vault.fetch(request).await?;
            call.respond(&answered.answer.0, answered.demand.map(|demand| reply::demand(&demand)));
            return Ok(None);
        }
        // These are not answered.
        Command::Cancel { ticket } => {
            vault.cancel(ticket).await;
            return Ok(None);
        }
        Command::Wake => {
            vault.wake().await;
            return Ok(None);
        }
        Command::SignedOut { tag, keep_tokens } => {
            vault.signed_out_elsewhere(&tag, keep_tokens);
            return Ok(None);
        }
        Command::ProviderSignedOut { issuer, session_id } => {
            vault.provider_signed_out(&issuer, &session_id).await;
            return Ok(None);
        }
        Command::Abort | Command::Close => return Ok(None),
    }))
}
