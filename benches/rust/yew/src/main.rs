//! Says who is signed in, with a button to sign in and one to sign out.

use yew::prelude::*;

#[cfg(feature = "valetkey")]
mod account {
    use valetkey_yew::{
        OidcProvider, SignedIn, SignedOut, use_oidc,
        valetkey::{Config, SignIn, SignOut, client::Isolation},
    };
    use yew::prelude::*;

    #[component]
    pub fn Account() -> Html {
        let isolation = if cfg!(feature = "valetkey-page") { Isolation::Page } else { Isolation::Auto };
        let config = Config::new("https://id.example.com", "spa").resource("https://api.example.com/").isolation(isolation);
        html! { <OidcProvider {config}><Inner /></OidcProvider> }
    }

    #[component]
    fn Inner() -> Html {
        let oidc = use_oidc();
        html! {
            <>
                <SignedOut><button onclick={oidc.on_sign_in(SignIn::redirect())}>{ "Sign in" }</button></SignedOut>
                <SignedIn>
                    <p>{ oidc.claims().map(|claims| claims.subject().to_owned()) }</p>
                    <button onclick={oidc.on_sign_out(SignOut::new())}>{ "Sign out" }</button>
                </SignedIn>
                <p>{ oidc.error().map(|error| error.code()) }</p>
            </>
        }
    }
}

#[cfg(feature = "yew-oauth2")]
mod account {
    use yew::prelude::*;
    use yew_oauth2::{openid::*, prelude::*};

    #[component]
    pub fn Account() -> Html {
        let config = Config::new("spa", "https://id.example.com");
        html! { <OAuth2 {config} scopes={vec!["openid".to_string()]}><Inner /></OAuth2> }
    }

    #[component]
    fn Inner() -> Html {
        let agent = use_auth_agent().expect("the provider is around it");
        let context = use_context::<OAuth2Context>();
        let (login, logout) = (agent.clone(), agent);
        let sign_in = Callback::from(move |_: MouseEvent| drop(login.start_login()));
        let sign_out = Callback::from(move |_: MouseEvent| drop(logout.logout()));
        let subject = context.as_ref().and_then(|context| context.claims()).map(|claims| claims.subject().to_string());
        html! {
            <>
                <NotAuthenticated><button onclick={sign_in}>{ "Sign in" }</button></NotAuthenticated>
                <Authenticated><p>{ subject }</p><button onclick={sign_out}>{ "Sign out" }</button></Authenticated>
                <Failure><FailureMessage /></Failure>
            </>
        }
    }
}

/// The same components over a session that is made up.
#[cfg(not(any(feature = "valetkey", feature = "yew-oauth2")))]
mod account {
    use yew::{platform::spawn_local, prelude::*};

    #[derive(Clone, PartialEq)]
    struct Made {
        user: Option<String>,
        act: Callback<bool>,
    }

    #[derive(Clone, PartialEq, Properties)]
    pub struct Inside {
        pub children: Html,
    }

    #[component]
    pub fn Account() -> Html {
        html! { <Provider><Inner /></Provider> }
    }

    #[component]
    fn Provider(props: &Inside) -> Html {
        let user = use_state(|| None::<String>);
        let ready = use_state(|| false);
        {
            let ready = ready.clone();
            use_effect_with((), move |()| spawn_local(async move { ready.set(true) }));
        }
        let act = { let user = user.clone(); Callback::from(move |enter: bool| user.set(enter.then(|| "ada".to_owned()))) };
        let made = Made { user: (*user).clone(), act };
        html! { <ContextProvider<Made> context={made}>{ if *ready { props.children.clone() } else { Html::default() } }</ContextProvider<Made>> }
    }

    #[component]
    fn SignedIn(props: &Inside) -> Html {
        let made = use_context::<Made>();
        if made.is_some_and(|made| made.user.is_some()) { props.children.clone() } else { Html::default() }
    }

    #[component]
    fn SignedOut(props: &Inside) -> Html {
        let made = use_context::<Made>();
        if made.is_some_and(|made| made.user.is_none()) { props.children.clone() } else { Html::default() }
    }

    #[component]
    fn Inner() -> Html {
        let Some(made) = use_context::<Made>() else { return Html::default() };
        let (sign_in, sign_out) = (made.act.clone(), made.act.clone());
        html! {
            <>
                <SignedOut><button onclick={move |_: MouseEvent| sign_in.emit(true)}>{ "Sign in" }</button></SignedOut>
                <SignedIn>
                    <p>{ made.user.clone() }</p>
                    <button onclick={move |_: MouseEvent| sign_out.emit(false)}>{ "Sign out" }</button>
                </SignedIn>
            </>
        }
    }
}

#[component]
fn App() -> Html {
    html! { <main><h1>{ "An application" }</h1><account::Account /></main> }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
