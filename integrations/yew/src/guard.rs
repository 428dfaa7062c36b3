//! What is shown to whom.

use valetkey::{Session, SignIn};
use yew::prelude::*;

use crate::hooks::use_oidc;

/// What the components that show their children to some are given.
#[derive(Clone, Debug, Properties, PartialEq)]
pub struct GuardProps {
    /// What is shown.
    pub children: Html,
}

/// Shows its children to who is signed in.
#[component]
pub fn SignedIn(props: &GuardProps) -> Html {
    let oidc = use_oidc();
    if oidc.session().is_signed_in() { props.children.clone() } else { Html::default() }
}

/// Shows its children when nobody is signed in.
#[component]
pub fn SignedOut(props: &GuardProps) -> Html {
    let oidc = use_oidc();
    if matches!(oidc.session(), Session::SignedOut(_)) { props.children.clone() } else { Html::default() }
}

/// Shows its children before it is known whether somebody is signed in. Within an [`OidcProvider`](crate::OidcProvider) that is not
/// `eager` this is never the case: its `loading` is shown then.
#[component]
pub fn Authenticating(props: &GuardProps) -> Html {
    let oidc = use_oidc();
    if oidc.session().is_loading() { props.children.clone() } else { Html::default() }
}

/// What [`RequireSignIn`] is given.
#[derive(Clone, Debug, Properties, PartialEq)]
pub struct RequireSignInProps {
    /// What only who is signed in may see.
    pub children: Html,
    /// What everybody else sees: a page with a button, mostly. Default: nothing, and the browser goes to the provider by itself.
    #[prop_or_default]
    pub fallback: Option<Html>,
}

/// A guard for a route: shows its children to who is signed in, and to everybody else the `fallback`. Without one the browser goes to
/// the provider, once, and comes back to this very page; not when the sign-in that this page load was to finish has failed, nor when
/// whoever was signed in here has signed out.
///
/// With yew-router: `Route::Inbox => html! { <RequireSignIn><Inbox /></RequireSignIn> }`. What is guarded is what is shown. The data is
/// guarded by the API that has it.
#[component]
pub fn RequireSignIn(props: &RequireSignInProps) -> Html {
    let oidc = use_oidc();
    let signed_out = matches!(oidc.session(), Session::SignedOut(_));
    let known = !oidc.session().is_loading();
    let leaves = signed_out && props.fallback.is_none() && oidc.session().error().is_none();
    {
        let oidc = oidc.clone();
        // Once it is known who is signed in, and not again.
        use_effect_with(known, move |known| {
            if *known && leaves {
                oidc.sign_in(SignIn::redirect());
            }
        });
    }
    if oidc.session().is_signed_in() {
        props.children.clone()
    } else {
        props.fallback.clone().filter(|_| signed_out).unwrap_or_default()
    }
}
