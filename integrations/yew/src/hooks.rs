//! What components have in their hands.

use valetkey::{
    Client, Error, Session, SignIn, SignOut,
    client::{Claims, Pending, Request, Response},
    error::Usage,
};
use yew::{platform::spawn_local, prelude::*};

/// The session as it is now, and what can be done. A component that has it from [`use_oidc`] is rendered again when it changes.
#[derive(Clone, Debug)]
pub struct Oidc {
    pub(crate) client: Option<Client>,
    pub(crate) session: Session,
    pub(crate) failure: Option<Error>,
    pub(crate) refuse: Callback<Option<Error>>,
}

/// What a component would show of it: the rest stays the same as long as the provider is there.
impl PartialEq for Oidc {
    fn eq(&self, other: &Self) -> bool {
        self.session == other.session && self.failure == other.failure && self.client == other.client
    }
}

impl Oidc {
    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The claims of the user who is signed in.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        self.session.claims()
    }

    /// Why the last sign-in or sign-out that was asked for here failed, or the one that this page load was to finish, or why there is
    /// no client.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.failure.as_ref().or_else(|| self.session.error())
    }

    /// The client itself, for what has no word here. `None` when it could not be made: [`Oidc::error`] says why.
    #[must_use]
    pub const fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Goes to the provider to sign in; what fails is told by [`Oidc::error`]. A popup must be asked for in the very handler of a click.
    pub fn sign_in(&self, options: SignIn) {
        self.act(|client| client.sign_in(options));
    }

    /// A handler that signs in: `onclick={oidc.on_sign_in(SignIn::popup())}`.
    #[must_use]
    pub fn on_sign_in<E>(&self, options: SignIn) -> Callback<E> {
        let oidc = self.clone();
        Callback::from(move |_| oidc.sign_in(options.clone()))
    }

    /// Signs out; what fails is told by [`Oidc::error`].
    pub fn sign_out(&self, options: SignOut) {
        self.act(|client| client.sign_out(options));
    }

    /// A handler that signs out.
    #[must_use]
    pub fn on_sign_out<E>(&self, options: SignOut) -> Callback<E> {
        let oidc = self.clone();
        Callback::from(move |_| oidc.sign_out(options.clone()))
    }

    /// Calls an API with the access token; see [`Client::fetch`].
    ///
    /// # Errors
    /// Those of [`Client::fetch`]; why there is no client, if there is none.
    pub fn fetch(&self, request: impl Into<Request>) -> Pending<Response> {
        match &self.client {
            Some(client) => client.fetch(request),
            None => Pending::failed(self.failure.clone().unwrap_or_else(|| Usage::NotInBrowser.into())),
        }
    }

    fn act<T: 'static>(&self, ask: impl FnOnce(&Client) -> Pending<T>) {
        let Some(client) = &self.client else { return };
        // Now, not when the future is polled: a popup opens within the click.
        let pending = ask(client);
        let refuse = self.refuse.clone();
        refuse.emit(None);
        spawn_local(async move {
            if let Err(error) = pending.await {
                refuse.emit(Some(error));
            }
        });
    }
}

/// The session as it is now, and what can be done.
///
/// # Panics
/// Outside of an [`OidcProvider`](crate::OidcProvider): a mistake in the application that no user could do anything about.
#[hook]
#[allow(clippy::expect_used, reason = "as every hook of a context that is not there")]
pub fn use_oidc() -> Oidc {
    use_context::<Oidc>().expect("use_oidc() needs an <OidcProvider> around the component")
}

/// What a call has come to.
#[cfg(feature = "serde")]
#[derive(Debug, PartialEq)]
pub enum Fetched<T> {
    /// Nobody is signed in, or it is not known yet: nothing was asked.
    Waiting,
    /// On its way.
    Loading,
    /// Answered.
    Ready(std::rc::Rc<T>),
    /// The API answered with a status of failure.
    Refused(u16),
    /// It got no answer, or one that does not fit the type.
    Failed(Error),
}

#[cfg(feature = "serde")]
impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Waiting => Self::Waiting,
            Self::Loading => Self::Loading,
            Self::Ready(value) => Self::Ready(value.clone()),
            Self::Refused(status) => Self::Refused(*status),
            Self::Failed(error) => Self::Failed(error.clone()),
        }
    }
}

/// The answer of an API to a GET, as JSON. Asked for when somebody is signed in, again when that is somebody else or the URL is another;
/// a call that is wanted no longer is aborted until its answer has begun.
#[cfg(feature = "serde")]
#[hook]
pub fn use_fetch<T: serde::de::DeserializeOwned + 'static>(url: impl Into<AttrValue>) -> Fetched<T> {
    use std::{cell::RefCell, future::poll_fn, pin::Pin, rc::Rc, task::Poll};

    let url: AttrValue = url.into();
    let oidc = use_oidc();
    let user = oidc.claims().map(|claims| claims.subject().to_owned());
    let asked = (user, url);
    // With what it was asked for: of another user, or of another URL, it is no answer.
    let fetched = use_state(|| (asked.clone(), Fetched::Waiting));
    {
        let fetched = fetched.clone();
        use_effect_with(asked.clone(), move |asked| {
            let (user, url) = asked;
            let client = oidc.client.filter(|_| user.is_some());
            let asked = asked.clone();
            fetched.set((asked.clone(), if client.is_some() { Fetched::Loading } else { Fetched::Waiting }));
            // Dropped when it is wanted no longer, which aborts it.
            let calling = client.map(|client| {
                let calling = client.fetch(url.as_str());
                Box::pin(async move {
                    let response = calling.await?;
                    if !response.ok() {
                        return Ok(Fetched::Refused(response.status()));
                    }
                    Ok(Fetched::Ready(Rc::new(response.json::<T>().await?)))
                }) as Pin<Box<dyn Future<Output = Result<Fetched<T>, Error>>>>
            });
            let calling = Rc::new(RefCell::new(calling));
            let wanted = calling.clone();
            spawn_local(async move {
                let outcome = poll_fn(|context| match calling.borrow_mut().as_mut() {
                    Some(calling) => calling.as_mut().poll(context).map(Some),
                    None => Poll::Ready(None),
                });
                if let Some(outcome) = outcome.await {
                    fetched.set((asked, outcome.unwrap_or_else(Fetched::Failed)));
                }
            });
            move || drop(wanted.take())
        });
    }
    match &*fetched {
        (answered, fetched) if *answered == asked => fetched.clone(),
        _ if asked.0.is_some() => Fetched::Loading,
        _ => Fetched::Waiting,
    }
}
