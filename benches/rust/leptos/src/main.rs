//! Says who is signed in, with a button to sign in and one to sign out.

use leptos::prelude::*;

#[cfg(feature = "valetkey")]
mod account {
    use leptos::prelude::*;
    use valetkey_leptos::{
        OidcReady, SignedIn, SignedOut, provide_oidc,
        valetkey::{Config, SignIn, SignOut, client::Isolation},
    };

    #[component]
    pub fn Account() -> impl IntoView {
        let isolation = if cfg!(feature = "valetkey-page") { Isolation::Page } else { Isolation::Auto };
        let config = Config::new("https://id.example.com", "spa").resource("https://api.example.com/").isolation(isolation);
        let oidc = provide_oidc(config);
        view! {
            <OidcReady>
                <SignedOut><button on:click=move |_| oidc.sign_in(SignIn::redirect())>"Sign in"</button></SignedOut>
                <SignedIn>
                    <p>{move || oidc.claim("sub")}</p>
                    <button on:click=move |_| oidc.sign_out(SignOut::new())>"Sign out"</button>
                </SignedIn>
                <p>{move || oidc.error().map(|error| error.code())}</p>
            </OidcReady>
        }
    }
}

#[cfg(feature = "leptos_oidc2")]
mod account {
    use leptos::prelude::*;
    use leptos_oidc2::{Auth, AuthLoaded, AuthParameters, Authenticated, Challenge, LoginLink, LogoutLink};
    use leptos_router::components::Router;

    #[component]
    pub fn Account() -> impl IntoView {
        view! { <Router><Inner /></Router> }
    }

    #[component]
    fn Inner() -> impl IntoView {
        Auth::init(AuthParameters {
            issuer: "https://id.example.com".to_string(),
            client_id: "spa".to_string(),
            redirect_uri: "https://app.example.com/".to_string(),
            post_logout_redirect_uri: "https://app.example.com/".to_string(),
            challenge: Challenge::S256,
            scope: Some("openid".to_string()),
            audience: None,
        });
        view! {
            <AuthLoaded>
                <Authenticated unauthenticated=|| view! { <LoginLink>"Sign in"</LoginLink> }>
                    <LogoutLink>"Sign out"</LogoutLink>
                </Authenticated>
            </AuthLoaded>
        }
    }
}

/// The same components over a session that is made up.
#[cfg(not(any(feature = "valetkey", feature = "leptos_oidc2")))]
mod account {
    use leptos::{prelude::*, task::spawn_local};

    #[derive(Clone, Copy)]
    struct Made {
        user: RwSignal<Option<String>>,
        ready: RwSignal<bool>,
    }

    #[component]
    pub fn Account() -> impl IntoView {
        let made = Made { user: RwSignal::new(None), ready: RwSignal::new(false) };
        provide_context(made);
        Effect::new(move |_| spawn_local(async move { made.ready.set(true) }));
        view! {
            <Show when=move || made.ready.get()>
                <SignedOut><button on:click=move |_| made.user.set(Some("ada".into()))>"Sign in"</button></SignedOut>
                <SignedIn>
                    <p>{move || made.user.get()}</p>
                    <button on:click=move |_| made.user.set(None)>"Sign out"</button>
                </SignedIn>
            </Show>
        }
    }

    #[component]
    fn SignedIn(children: ChildrenFn) -> impl IntoView {
        let made = expect_context::<Made>();
        view! { <Show when=move || made.user.get().is_some()>{children()}</Show> }
    }

    #[component]
    fn SignedOut(children: ChildrenFn) -> impl IntoView {
        let made = expect_context::<Made>();
        view! { <Show when=move || made.user.get().is_none()>{children()}</Show> }
    }
}

#[component]
fn App() -> impl IntoView {
    view! { <main><h1>"An application"</h1><account::Account /></main> }
}

fn main() {
    mount_to_body(App);
}
