//! On a server: what is to be seen before anybody is known, and nothing that would need a browser.
#![allow(unreachable_pub, missing_docs, reason = "what #[component] writes, in a test")]

use leptos::{prelude::*, reactive::owner::Owner};
use valetkey_leptos::{
    Authenticating, OidcReady, RequireSignIn, SignedIn, SignedOut, provide_oidc, use_oidc,
    valetkey::{Config, Session, SignIn, SignOut},
};

#[component]
fn App() -> impl IntoView {
    let oidc = provide_oidc(Config::new("https://id.example.com", "spa").resource("https://api.example.com/"));
    // Nothing happens, and nothing panics: neither is there anybody, nor a page to leave.
    oidc.sign_in(SignIn::redirect());
    oidc.sign_out(SignOut::new());
    assert_eq!(oidc.session(), Session::Loading);
    assert_eq!(oidc.is_signed_in(), None);
    assert!(oidc.client().is_none());
    view! {
        <OidcReady fallback=|| view! { <p>"fallback"</p> }><p>"ready"</p></OidcReady>
        <Authenticating><p>"authenticating"</p></Authenticating>
        <SignedIn><p>"signed in"</p></SignedIn>
        <SignedOut><p>"signed out"</p></SignedOut>
        <RequireSignIn><Inner /></RequireSignIn>
    }
}

#[component]
fn Inner() -> impl IntoView {
    view! { <p>{use_oidc().claim("name")}</p> }
}

#[test]
fn page_is_rendered_as_it_is_before_anybody_is_known() {
    let owner = Owner::new();
    let html = owner.with(|| view! { <App /> }.to_html());
    for shown in ["fallback", "authenticating"] {
        assert!(html.contains(shown), "{shown} in {html}");
    }
    for hidden in ["ready", "signed in", "signed out"] {
        assert!(!html.contains(hidden), "{hidden} in {html}");
    }
    // Servers move requests from thread to thread.
    assert!(std::thread::spawn(move || drop(owner)).join().is_ok());
}
