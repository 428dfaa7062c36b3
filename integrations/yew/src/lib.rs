//! OpenID Connect for Yew, by [`valetkey`].
//!
//! ```
//! use valetkey::{Config, SignIn, SignOut};
//! use valetkey_yew::{OidcProvider, SignedIn, SignedOut, use_oidc};
//! use yew::prelude::*;
//!
//! #[component]
//! fn App() -> Html {
//!     let config = Config::new("https://id.example.com", "spa").resource("https://api.example.com/");
//!     html! {
//!         <OidcProvider {config}>
//!             <SignedOut><Welcome /></SignedOut>
//!             <SignedIn><Account /></SignedIn>
//!         </OidcProvider>
//!     }
//! }
//!
//! #[component]
//! fn Welcome() -> Html {
//!     let oidc = use_oidc();
//!     html! { <button onclick={oidc.on_sign_in(SignIn::redirect())}>{ "Sign in" }</button> }
//! }
//!
//! #[component]
//! fn Account() -> Html {
//!     let oidc = use_oidc();
//!     let name = oidc.claims().and_then(|claims| claims.name()).unwrap_or("you").to_owned();
//!     html! {
//!         <>
//!             <p>{ "Hello, " }{ name }</p>
//!             <button onclick={oidc.on_sign_out(SignOut::new())}>{ "Sign out" }</button>
//!         </>
//!     }
//! }
//! ```
//!
//! What is in a component's hands is an [`Oidc`]: the session as it is now, and what can be done. Where tokens are, and what that
//! protects against, is told in the documentation of `valetkey`.

mod guard;
mod hooks;
mod provider;

pub use guard::{Authenticating, GuardProps, RequireSignIn, RequireSignInProps, SignedIn, SignedOut};
#[cfg(feature = "serde")]
pub use hooks::{Fetched, use_fetch};
pub use hooks::{Oidc, use_oidc};
pub use provider::{OidcProvider, OidcProviderProps};
pub use valetkey;
