//! A single-page application in Yew: sign-in by redirect and popup, a guarded route, calls of an API that wants a stronger sign-in for
//! some of them, and sign-out. `npm run demo -- --app yew` runs it against the demo's provider and API.

mod settings;

use settings::Settings;
use valetkey_yew::{
    Oidc, OidcProvider, RequireSignIn, SignedIn, SignedOut, use_oidc,
    valetkey::{SignIn, SignOut},
};
use yew::{platform::spawn_local, prelude::*};
use yew_router::prelude::*;

#[derive(Clone, Copy, PartialEq, Routable)]
enum Route {
    #[at("/")]
    Home,
    #[at("/account")]
    Account,
    #[at("/members")]
    Members,
    #[not_found]
    #[at("/404")]
    NotFound,
}

fn main() {
    spawn_local(async {
        let props = match settings::load().await {
            Ok(settings) => AppProps { settings: Some(settings) },
            Err(_) => AppProps { settings: None },
        };
        yew::Renderer::<App>::with_props(props).render();
    });
}

#[derive(Clone, PartialEq, Properties)]
struct AppProps {
    settings: Option<Settings>,
}

#[component]
fn App(props: &AppProps) -> Html {
    let Some(settings) = props.settings.clone() else {
        return html! { <p role="alert">{ "The settings could not be loaded." }</p> };
    };
    let loading = html! { <p role="status">{ "Looking whether you are signed in …" }</p> };
    html! {
        <OidcProvider config={settings.config()} {loading}>
            <ContextProvider<Settings> context={settings}>
                <BrowserRouter>
                    <h1>{ "Valetkey with Yew" }</h1>
                    <nav>
                        <Link<Route> to={Route::Home}>{ "Home" }</Link<Route>>
                        <Link<Route> to={Route::Account}>{ "Account" }</Link<Route>>
                        <Link<Route> to={Route::Members}>{ "Members" }</Link<Route>>
                    </nav>
                    <Status />
                    <Switch<Route> render={page} />
                </BrowserRouter>
            </ContextProvider<Settings>>
        </OidcProvider>
    }
}

fn page(route: Route) -> Html {
    match route {
        Route::Home => html! { <Home /> },
        Route::Account => html! {
            <RequireSignIn fallback={html! { <p>{ "Sign in to see your account." }</p> }}>
                <Account />
            </RequireSignIn>
        },
        // Without a fallback the browser goes to the provider by itself.
        Route::Members => html! { <RequireSignIn><p>{ "For members." }</p></RequireSignIn> },
        Route::NotFound => html! { <p>{ "There is nothing here." }</p> },
    }
}

#[component]
fn Status() -> Html {
    let oidc = use_oidc();
    let name = oidc.claims().map(|claims| claims.name().unwrap_or(claims.subject()).to_owned());
    html! {
        <>
            <p role="status">
                { name.map_or_else(|| "Nobody is signed in".to_owned(), |name| format!("Signed in as {name}")) }
            </p>
            <p role="alert">{ oidc.error().map(|error| format!("{error} ({})", error.code())) }</p>
            <div class="actions">
                <SignedOut>
                    <button class="primary" onclick={oidc.on_sign_in(SignIn::redirect())}>{ "Sign in" }</button>
                    <button onclick={oidc.on_sign_in(SignIn::popup())}>{ "Sign in with a popup" }</button>
                </SignedOut>
                <SignedIn>
                    <button onclick={oidc.on_sign_out(SignOut::new())}>{ "Sign out" }</button>
                </SignedIn>
            </div>
        </>
    }
}

#[component]
fn Home() -> Html {
    html! { <p>{ "Sign in, then look at your account: the API is called with a token that this page never sees." }</p> }
}

#[component]
fn Account() -> Html {
    let oidc = use_oidc();
    let settings = use_context::<Settings>().unwrap_or_default();
    let answer = use_state(String::new);
    {
        // What an API wanted more for before the page was left, and came back.
        let (oidc, answer) = (oidc.clone(), answer.clone());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let Some(client) = oidc.client() else { return };
                if let Ok(Some(response)) = client.resume().await {
                    answer.set(response.text().await.unwrap_or_default());
                }
            })
        });
    }
    let call = |path: &'static str| {
        let (oidc, answer, url) = (oidc.clone(), answer.clone(), format!("{}{path}", settings.api));
        Callback::from(move |_: MouseEvent| spawn_local(show(oidc.clone(), url.clone(), answer.clone())))
    };
    html! {
        <>
            <div class="actions">
                <button class="primary" onclick={call("me")}>{ "Call the API" }</button>
                <button onclick={call("transfers")}>{ "See the transfers" }</button>
            </div>
            <pre id="answer-body">{ (*answer).clone() }</pre>
        </>
    }
}

async fn show(oidc: Oidc, url: String, answer: UseStateHandle<String>) {
    answer.set(match oidc.fetch(url).await {
        Ok(response) => response.text().await.unwrap_or_else(|error| error.to_string()),
        Err(error) => error.to_string(),
    });
}
