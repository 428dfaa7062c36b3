//! What is shown to whom.

#![allow(unreachable_pub, reason = "what #[component] writes is, wherever the component itself is")]

use leptos::prelude::*;
use valetkey::{Session, SignIn};

use crate::oidc::use_oidc;

/// Shows its children once it is known whether somebody is signed in, and the `fallback` before; also on a server.
#[component]
pub fn OidcReady(
    /// What there is to see before. Default: nothing.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// The application.
    children: ChildrenFn,
) -> impl IntoView {
    let oidc = use_oidc();
    view! { <Show when=move || oidc.is_ready() fallback>{children()}</Show> }
}

/// Shows its children to who is signed in.
#[component]
pub fn SignedIn(
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let oidc = use_oidc();
    view! { <Show when=move || oidc.is_signed_in() == Some(true)>{children()}</Show> }
}

/// Shows its children when nobody is signed in.
#[component]
pub fn SignedOut(
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let oidc = use_oidc();
    view! { <Show when=move || oidc.is_signed_in() == Some(false)>{children()}</Show> }
}

/// Shows its children before it is known whether somebody is signed in; also on a server.
#[component]
pub fn Authenticating(
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let oidc = use_oidc();
    view! { <Show when=move || oidc.session() == Session::Loading>{children()}</Show> }
}

/// A guard: shows its children to who is signed in, and to everybody else the `fallback`. Without one the browser goes to the provider,
/// once, and comes back to this very page; not when the sign-in that this page load was to finish has failed, nor when whoever was
/// signed in here has signed out.
///
/// What is guarded is what is shown. The data is guarded by the API that has it.
#[component]
pub fn RequireSignIn(
    /// What everybody else sees: a page with a button, mostly.
    #[prop(optional, into)]
    fallback: Option<ViewFn>,
    /// What only who is signed in may see.
    children: ChildrenFn,
) -> impl IntoView {
    let oidc = use_oidc();
    let leaves = fallback.is_none();
    Effect::new(move |known: Option<bool>| {
        let signed_in = oidc.is_signed_in();
        // When it is first known who is signed in, and not again.
        if known != Some(true) && signed_in == Some(false) && leaves && !oidc.arrived_in_vain() {
            oidc.sign_in(SignIn::redirect());
        }
        signed_in.is_some() || known == Some(true)
    });
    let fallback = fallback.unwrap_or_default();
    let otherwise = move || (oidc.is_signed_in() == Some(false)).then(|| fallback.run());
    view! { <Show when=move || oidc.is_signed_in() == Some(true) fallback=otherwise>{children()}</Show> }
}
