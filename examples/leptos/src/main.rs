//! A single-page application in Leptos: sign-in by redirect and popup, a guarded route, calls of an API that wants a stronger sign-in
//! for some of them, and sign-out. `npm run demo -- --app leptos` runs it against the demo's provider and API.

mod settings;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    components::{A, ProtectedRoute, Route, Router, Routes},
    path,
};
use settings::Settings;
use valetkey_leptos::{
    OidcReady, RequireSignIn, SignedIn, SignedOut, provide_oidc, use_oidc,
    valetkey::{SignIn, SignOut},
};

fn main() {
    mount_to_body(Root);
}

#[component]
fn Root() -> impl IntoView {
    let settings = LocalResource::new(|| async { settings::load().await.ok() });
    move || {
        settings.get().map(|settings| match settings {
            Some(settings) => view! { <App settings /> }.into_any(),
            None => view! { <p role="alert">"The settings could not be loaded."</p> }.into_any(),
        })
    }
}

#[component]
fn App(settings: Settings) -> impl IntoView {
    let oidc = provide_oidc(settings.config());
    provide_context(settings);
    let loading = || view! { <p role="status">"Looking whether you are signed in …"</p> };
    view! {
        <OidcReady fallback=loading>
            <Router>
                <h1>"Valetkey with Leptos"</h1>
                <nav>
                    <A href="/">"Home"</A>
                    <A href="/account">"Account"</A>
                    <A href="/members">"Members"</A>
                </nav>
                <Status />
                <Routes fallback=|| view! { <p>"There is nothing here."</p> }>
                    <Route path=path!("/") view=Home />
                    <ProtectedRoute
                        path=path!("/account")
                        view=Account
                        condition=move || oidc.is_signed_in()
                        redirect_path=|| "/sign-in"
                    />
                    // Without a fallback the browser goes to the provider by itself.
                    <Route path=path!("/members") view=|| view! { <RequireSignIn><p>"For members."</p></RequireSignIn> } />
                    <Route path=path!("/sign-in") view=|| view! { <p>"Sign in to see your account."</p> } />
                </Routes>
            </Router>
        </OidcReady>
    }
}

#[component]
fn Status() -> impl IntoView {
    let oidc = use_oidc();
    let who = move || {
        let name = oidc.claim("name").or_else(|| oidc.claim("sub"));
        name.map_or_else(|| "Nobody is signed in".to_owned(), |name| format!("Signed in as {name}"))
    };
    view! {
        <p role="status">{who}</p>
        <p role="alert">{move || oidc.error().map(|error| format!("{error} ({})", error.code()))}</p>
        <div class="actions">
            <SignedOut>
                <button class="primary" on:click=move |_| oidc.sign_in(SignIn::redirect().return_to("/account"))>"Sign in"</button>
                <button on:click=move |_| oidc.sign_in(SignIn::popup())>"Sign in with a popup"</button>
            </SignedOut>
            <SignedIn>
                <button on:click=move |_| oidc.sign_out(SignOut::new())>"Sign out"</button>
            </SignedIn>
        </div>
    }
}

#[component]
fn Home() -> impl IntoView {
    view! { <p>"Sign in, then look at your account: the API is called with a token that this page never sees."</p> }
}

#[component]
fn Account() -> impl IntoView {
    let oidc = use_oidc();
    let api = expect_context::<Settings>().api;
    let answer = RwSignal::new(String::new());
    // What an API wanted more for before the page was left, and came back.
    Effect::new(move |_| {
        spawn_local(async move {
            let Some(client) = oidc.client() else { return };
            if let Ok(Some(response)) = client.resume().await {
                answer.set(response.text().await.unwrap_or_default());
            }
        });
    });
    let call = move |path: &'static str| {
        let url = format!("{api}{path}");
        move |_| {
            let url = url.clone();
            spawn_local(async move {
                answer.set(match oidc.fetch(url).await {
                    Ok(response) => response.text().await.unwrap_or_else(|error| error.to_string()),
                    Err(error) => error.to_string(),
                });
            });
        }
    };
    view! {
        <div class="actions">
            <button class="primary" on:click=call("me")>"Call the API"</button>
            <button on:click=call("transfers")>"See the transfers"</button>
        </div>
        <pre id="answer-body">{answer}</pre>
    }
}
