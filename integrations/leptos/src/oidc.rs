//! The client in the reactive graph.

use leptos::{prelude::*, task::spawn_local};
use valetkey::{
    Client, Config, Error, Session, SignIn, SignOut,
    client::{Pending, Request, Response},
    error::Usage,
};

/// The session as signals, and what can be done. A copy is the same.
#[derive(Clone, Copy, Debug)]
pub struct Oidc {
    session: RwSignal<Session>,
    /// Of the session, so that what asks for it alone is not run again when a token is renewed.
    signed_in: Memo<Option<bool>>,
    failure: RwSignal<Option<Error>>,
    settled: RwSignal<bool>,
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "there is none on a server"))]
    client: Place,
}

/// Where the client is: on the one thread of a browser. A server moves what is stored from thread to thread, and has none.
#[cfg(target_arch = "wasm32")]
type Place = StoredValue<Option<Client>, LocalStorage>;
#[cfg(not(target_arch = "wasm32"))]
type Place = ();

#[cfg(target_arch = "wasm32")]
fn place() -> Place {
    StoredValue::new_local(None)
}

#[cfg(not(target_arch = "wasm32"))]
const fn place() -> Place {}

/// To be called once, at the root; the client lives as long as the page. Lets everything below have an [`Oidc`] by [`use_oidc`], and answers it. In a browser, once the page is there, the client is made,
/// and finishes a sign-in that this page load is the return from.
///
/// A client that cannot be made or started (an option that makes no sense, a browser that lacks what they insist on) is told by
/// [`Oidc::error`]; the session is then [`Session::Loading`] for ever.
pub fn provide_oidc(config: Config) -> Oidc {
    let session = RwSignal::new(Session::Loading);
    let oidc = Oidc {
        session,
        signed_in: Memo::new(move |_| {
            session.with(|session| match session {
                Session::Loading => None,
                Session::SignedOut(_) => Some(false),
                Session::SignedIn(_) => Some(true),
            })
        }),
        failure: RwSignal::new(None),
        settled: RwSignal::new(false),
        client: place(),
    };
    provide_context(oidc);
    let mut config = Some(config);
    // Not on a server, and not before a page that came from one is hydrated.
    Effect::new(move |_| {
        if let Some(config) = config.take() {
            oidc.begin(config);
        }
    });
    oidc
}

/// The session as signals, and what can be done.
///
/// # Panics
/// Where [`provide_oidc`] was not called above: a mistake in the application that no user could do anything about.
pub fn use_oidc() -> Oidc {
    expect_context::<Oidc>()
}

/// Why there is no answer of an API.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq)]
pub enum Unanswered {
    /// The API answered with a status of failure.
    Refused(u16),
    /// It got no answer, or one that does not fit the type.
    Failed(Error),
}

#[cfg(feature = "serde")]
impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

#[cfg(feature = "serde")]
impl std::fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(status) => write!(formatter, "the API answered with status {status}"),
            Self::Failed(error) => error.fmt(formatter),
        }
    }
}

#[cfg(feature = "serde")]
impl std::error::Error for Unanswered {}

impl Oidc {
    fn begin(self, config: Config) {
        let client = match Client::new(config) {
            Ok(client) => client,
            Err(error) => {
                self.failure.set(Some(error));
                self.settled.set(true);
                return;
            }
        };
        let ready = client.ready();
        let subscription = client.subscribe(move |session| {
            // Whatever failed before, it is past.
            if session.is_signed_in() {
                let _ = self.failure.try_set(None);
            }
            let _ = self.session.try_set(session);
        });
        on_cleanup({
            let subscription = StoredValue::new_local(Some(subscription));
            move || drop(subscription.try_update_value(Option::take))
        });
        #[cfg(target_arch = "wasm32")]
        self.client.set_value(Some(client));
        spawn_local(async move {
            match ready.await {
                Ok(session) => drop(self.session.try_set(session)),
                Err(error) => drop(self.failure.try_set(Some(error))),
            }
            let _ = self.settled.try_set(true);
        });
    }

    /// The session.
    pub fn session(self) -> Session {
        self.session.get()
    }

    /// Whether it is known by now who is signed in, or that nobody can be.
    pub fn is_ready(self) -> bool {
        self.settled.get()
    }

    /// Whether somebody is signed in; `None` before it is known. As `ProtectedRoute` wants its condition.
    pub fn is_signed_in(self) -> Option<bool> {
        self.signed_in.get()
    }

    /// A claim of the user who is signed in, where it is a string.
    pub fn claim(self, name: &str) -> Option<String> {
        self.session.with(|session| session.claims().and_then(|claims| claims.text(name)).map(ToOwned::to_owned))
    }

    /// Why the last sign-in or sign-out that was asked for here failed, or the one that this page load was to finish, or why there is
    /// no client.
    pub fn error(self) -> Option<Error> {
        self.failure.get().or_else(|| self.session.with(|session| session.error().cloned()))
    }

    /// The client itself, for what has no word here. `None` on a server, before the page is hydrated, and when it could not be made.
    pub fn client(self) -> Option<Client> {
        #[cfg(target_arch = "wasm32")]
        return self.client.try_get_value().flatten();
        #[cfg(not(target_arch = "wasm32"))]
        None
    }

    /// Goes to the provider to sign in; what fails is told by [`Oidc::error`]. A popup must be asked for in the very handler of a click.
    pub fn sign_in(self, options: SignIn) {
        self.act(|client| client.sign_in(options));
    }

    /// Signs out; what fails is told by [`Oidc::error`].
    pub fn sign_out(self, options: SignOut) {
        self.act(|client| client.sign_out(options));
    }

    /// Calls an API with the access token; see [`Client::fetch`].
    ///
    /// # Errors
    /// Those of [`Client::fetch`]; `not_in_browser` on a server.
    pub fn fetch(self, request: impl Into<Request>) -> Pending<Response> {
        match self.client() {
            Some(client) => client.fetch(request),
            None => Pending::failed(self.failure.get_untracked().unwrap_or_else(|| Usage::NotInBrowser.into())),
        }
    }

    /// Whether the sign-in failed that this page load was to finish.
    pub(crate) fn arrived_in_vain(self) -> bool {
        self.session.with_untracked(|session| session.error().is_some())
    }

    /// The answer of an API to a GET, as JSON: asked for when somebody is signed in, and again when that changes or what `url` reads
    /// does. `None` while nobody is signed in; pending on a server.
    #[cfg(feature = "serde")]
    pub fn resource<T>(self, url: impl Fn() -> String + 'static) -> LocalResource<Option<Result<T, Unanswered>>>
    where
        T: serde::de::DeserializeOwned + 'static,
    {
        let user = Memo::new(move |_| self.claim("sub"));
        LocalResource::new(move || {
            let user = user.get();
            let url = url();
            async move {
                user?;
                let answer = async {
                    let response = self.fetch(url).await?;
                    if response.ok() {
                        Ok(response.json::<T>().await?)
                    } else {
                        Err(Unanswered::Refused(response.status()))
                    }
                };
                Some(answer.await)
            }
        })
    }

    fn act<T: 'static>(self, ask: impl FnOnce(&Client) -> Pending<T>) {
        let Some(client) = self.client() else { return };
        // Now, not when the future is polled: a popup opens within the click.
        let pending = ask(&client);
        self.failure.set(None);
        spawn_local(async move {
            if let Err(error) = pending.await {
                let _ = self.failure.try_set(Some(error));
            }
        });
    }
}
