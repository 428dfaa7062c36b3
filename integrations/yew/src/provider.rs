//! Where the client lives.

use valetkey::{Client, Config, Error, Session};
use yew::{platform::spawn_local, prelude::*};

use crate::hooks::Oidc;

/// What [`OidcProvider`] is given.
#[derive(Clone, Debug, Properties, PartialEq)]
pub struct OidcProviderProps {
    /// The client's configuration. Read once, when the provider is first rendered.
    pub config: Config,
    /// What there is to see before it is known whether somebody is signed in. Default: nothing.
    #[prop_or_default]
    pub loading: Html,
    /// Renders the children at once, with the session [`Session::Loading`] at first. Not for an application whose router is among
    /// them, unless the redirect URI is the static callback page: a router that has started does not hear that the authorization
    /// response was taken out of the URL. Default: `false`.
    #[prop_or_default]
    pub eager: bool,
    /// The application.
    pub children: Html,
}

/// To be rendered once, at the root: makes the client, which lives as long as the page; finishes a sign-in that this page load is the return from, and lets everything within have an [`Oidc`].
///
/// A client that cannot be made or started (an option that makes no sense, a browser that lacks what they insist on) is told by
/// [`Oidc::error`]; the session is then [`Session::Loading`] for ever, and the children are rendered to say so.
#[component]
pub fn OidcProvider(props: &OidcProviderProps) -> Html {
    let client = use_memo((), |()| Client::new(props.config.clone()));
    let session = use_state(|| Session::Loading);
    let failure = use_state(|| client.as_ref().as_ref().err().cloned());
    let settled = use_state(|| false);

    {
        let (client, session, failure, settled) = (client.clone(), session.clone(), failure.clone(), settled.clone());
        use_effect_with((), move |()| {
            let subscription = client.as_ref().as_ref().ok().map(|client| {
                let ready = client.ready();
                let (now, known, refused) = (session.clone(), settled.clone(), failure.clone());
                spawn_local(async move {
                    match ready.await {
                        Ok(session) => now.set(session),
                        Err(error) => refused.set(Some(error)),
                    }
                    known.set(true);
                });
                client.subscribe(move |now| {
                    // Whatever failed before, it is past.
                    if now.is_signed_in() {
                        failure.set(None);
                    }
                    session.set(now);
                })
            });
            if subscription.is_none() {
                settled.set(true);
            }
            move || drop(subscription)
        });
    }

    let refuse = {
        let failure = failure.clone();
        Callback::from(move |error: Option<Error>| failure.set(error))
    };
    let client = (*client).clone().ok();
    let oidc = Oidc { client, session: (*session).clone(), failure: (*failure).clone(), refuse };
    let content = if *settled || props.eager { props.children.clone() } else { props.loading.clone() };
    html! { <ContextProvider<Oidc> context={oidc}>{ content }</ContextProvider<Oidc>> }
}
