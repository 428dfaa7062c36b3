//! Where the provider and the API are: what the server says, so that one build serves any of them.

use serde::Deserialize;
use valetkey_leptos::valetkey::{Config, client::StepUpChoice};

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub issuer: String,
    pub client_id: String,
    /// With a slash at the end.
    pub api: String,
}

pub async fn load() -> Result<Settings, gloo_net::Error> {
    gloo_net::http::Request::get("/config.json").send().await?.json().await
}

impl Settings {
    pub fn config(&self) -> Config {
        let location = web_sys::window().map(|window| window.location());
        let origin = location.and_then(|location| location.origin().ok()).unwrap_or_default();
        Config::new(&self.issuer, &self.client_id)
            .scope("openid profile email accounts:read")
            .resource(self.api.as_str())
            .callback_uri(&format!("{origin}/callback.html"))
            .post_logout_redirect_uri(&format!("{origin}/"))
            // The user has just clicked for it.
            .step_up(|_| async { StepUpChoice::Popup })
    }
}
