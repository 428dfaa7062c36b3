//! OpenID Connect for Leptos, by [`valetkey`].
//!
//! ```
//! use leptos::prelude::*;
//! use valetkey::{Config, SignIn, SignOut};
//! use valetkey_leptos::{OidcReady, SignedIn, SignedOut, provide_oidc, use_oidc};
//!
//! #[component]
//! fn App() -> impl IntoView {
//!     provide_oidc(Config::new("https://id.example.com", "spa").resource("https://api.example.com/"));
//!     view! {
//!         <OidcReady>
//!             <SignedOut><Welcome /></SignedOut>
//!             <SignedIn><Account /></SignedIn>
//!         </OidcReady>
//!     }
//! }
//!
//! #[component]
//! fn Welcome() -> impl IntoView {
//!     let oidc = use_oidc();
//!     view! { <button on:click=move |_| oidc.sign_in(SignIn::redirect())>"Sign in"</button> }
//! }
//!
//! #[component]
//! fn Account() -> impl IntoView {
//!     let oidc = use_oidc();
//!     let name = move || oidc.claim("name").unwrap_or("you".to_owned());
//!     view! {
//!         <p>"Hello, " {name}</p>
//!         <button on:click=move |_| oidc.sign_out(SignOut::new())>"Sign out"</button>
//!     }
//! }
//! ```
//!
//! # On a server, and hydrated
//!
//! On a server nobody is known: the session is `Loading`, [`OidcReady`] shows its fallback, and nothing touches the browser. The
//! page begins with the same when it is hydrated, so that both agree; the client is made in an effect afterwards.
//!
//! # Routes
//!
//! `leptos_router`'s own `ProtectedRoute` takes [`Oidc::is_signed_in`] for its condition. A router has to start after
//! [`OidcReady`], which is when the authorization response has left the URL; or let the redirect URI be the static callback page.

mod guard;
mod oidc;

pub use guard::{Authenticating, OidcReady, RequireSignIn, SignedIn, SignedOut};
#[cfg(feature = "serde")]
pub use oidc::Unanswered;
pub use oidc::{Oidc, provide_oidc, use_oidc};
pub use valetkey;
