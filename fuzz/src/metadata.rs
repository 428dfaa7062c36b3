//! Provider metadata, fetched or given, and the configuration that may hold it.

use valetkey::{
    config::Config,
    protocol::{
        discovery::{self, ProviderMetadata},
        jose::algorithm::Algorithm,
        url::{Transport, Url},
    },
};

use crate::{APP, ISSUER, check_error, check_same, is_json, issuer, member, read_again, response, sections};

/// `status and content type ␞ metadata`, or `config ␞ configuration`
pub fn run(data: &[u8]) {
    let [head, body] = sections(data);
    if head == b"config" {
        if let Ok(text) = std::str::from_utf8(body) {
            configuration(text);
        }
        return;
    }
    let response = response(head, body);
    match check_same(|| discovery::process(&issuer(), &response, Transport::Secure)) {
        Ok(metadata) => {
            assert_eq!(response.status, 200);
            assert!(is_json(response.content_type.as_deref()));
            let theirs = read_again(body);
            if theirs.is_object() {
                document(&metadata, &theirs);
            }
        }
        Err(error) => check_error(&error, &[]),
    }
}

fn document(metadata: &ProviderMetadata, theirs: &serde_json::Value) {
    assert_eq!(theirs["issuer"], ISSUER);
    assert_eq!(metadata.issuer.as_str(), ISSUER);
    let endpoints = [
        ("authorization_endpoint", Some(&metadata.authorization_endpoint)),
        ("token_endpoint", Some(&metadata.token_endpoint)),
        ("jwks_uri", Some(&metadata.jwks_uri)),
        ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
        ("end_session_endpoint", metadata.end_session_endpoint.as_ref()),
    ];
    for (name, endpoint) in endpoints {
        assert_eq!(member(theirs, name).and_then(|url| url.as_str()), endpoint.map(Url::as_str), "{name}");
        if let Some(endpoint) = endpoint {
            secure(endpoint);
        }
    }
    let list = |name: &str| -> Option<Vec<&str>> {
        Some(member(theirs, name)?.as_array()?.iter().filter_map(|name| name.as_str()).collect())
    };
    assert!(list("response_types_supported").is_none_or(|types| types.contains(&"code")));
    assert!(list("code_challenge_methods_supported").is_none_or(|methods| methods.contains(&"S256")));
    let pushed = metadata.pushed_request_endpoint.as_ref();
    assert_eq!(
        member(theirs, "pushed_authorization_request_endpoint").and_then(|url| url.as_str()),
        pushed.map(Url::as_str)
    );
    assert!(pushed.is_some() || !metadata.pushed_requests_required);
    pushed.into_iter().for_each(secure);
    let bound = list("dpop_signing_alg_values_supported");
    assert!(
        metadata.dpop_algorithm.is_none_or(|algorithm| bound.is_some_and(|names| names.contains(&algorithm.name())))
    );
    assert!(member(theirs, "require_signed_request_object").is_none_or(|required| required == false));
    assert_eq!(
        metadata.issuer_parameter,
        member(theirs, "authorization_response_iss_parameter_supported").is_some_and(|value| value == true)
    );
    let names = list("id_token_signing_alg_values_supported");
    for algorithm in &metadata.id_token_algorithms {
        assert!(Algorithm::ALL.contains(algorithm));
        let listed = |names: &Vec<&str>| names.iter().any(|name| Algorithm::from_name(name) == Some(*algorithm));
        assert!(names.as_ref().is_none_or(listed));
    }
}

/// An endpoint is one that a browser contacts over TLS, or on this machine, and has no fragment.
fn secure(endpoint: &Url) {
    assert!(endpoint.fragment().is_none());
    assert!(Url::parse(endpoint.as_str(), Transport::Secure).is_ok());
    assert!(
        endpoint.as_str().starts_with("https://")
            || ::url::Url::parse(endpoint.as_str()).is_ok_and(|url| {
                let host = url.host_str().unwrap_or_default();
                host.ends_with("localhost") || host == "127.0.0.1" || host == "[::1]"
            })
    );
}

fn configuration(text: &str) {
    match check_same(|| Config::parse(text, APP)) {
        Ok(config) => {
            assert_eq!(config.redirect_uri.origin(), APP);
            assert!(config.redirect_uri.fragment().is_none());
            assert!(config.scope.split(' ').any(|scope| scope == "openid"));
            assert!(!config.client_id.is_empty() && config.client_id.is_ascii());
            for resource in &config.resources {
                assert!(resource.url.query().is_none() && resource.url.fragment().is_none());
                assert!(resource.target < config.targets.len());
            }
            assert!(config.targets[config.user_info_target].resource.is_none());
            for (index, target) in config.targets.iter().enumerate() {
                assert!(!config.targets[..index].contains(target), "one token for each target");
                // RFC 8707 §2: absolute, and no more than that: it is a name, and nobody asks the host in it.
                let uri = target.resource.as_deref();
                let scheme = |uri: &str| uri.split_once(':').map(|(scheme, _)| scheme.to_owned());
                let absolute =
                    |uri| scheme(uri).is_some_and(|scheme| ::url::Url::parse(&format!("{scheme}:x")).is_ok());
                assert!(uri.is_none_or(|uri| absolute(uri) && !uri.contains('#')), "{uri:?}");
            }
            let theirs = read_again(text.as_bytes());
            if theirs.is_object() {
                assert_eq!(theirs["issuer"], config.issuer.as_str());
                let insecure = member(&theirs, "dangerAllowInsecureHttp").is_some_and(|value| value == true);
                assert_eq!(config.transport == Transport::DangerInsecure, insecure);
                if !insecure {
                    config.resources.iter().for_each(|resource| secure(&resource.url));
                }
            }
            if let Some(metadata) = &config.metadata {
                assert!(config.issuer.matches(metadata.issuer.as_str()));
            }
        }
        Err(error) => check_error(&error, &[]),
    }
}
