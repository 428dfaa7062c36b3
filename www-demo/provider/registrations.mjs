// Who is registered at the provider: the page, the API, and the API once more as the resource that tokens are for.

export const CLIENT_ID = "valetkey-demo";
export const API_CLIENT_ID = "valetkey-demo-api";

/** The one type of authorization details (RFC 9396) that there is. */
export const TRANSFER = "urn:valetkey:demo:transfer";

/**
 * The API as the provider knows it. Both resources are the same API with the same audience: a sign-in for the first gets
 * JWT access tokens (RFC 9068), which the API verifies by itself; for the second opaque ones, which it has introspected.
 */
export function apiResources(apiOrigin) {
  return { audience: `${apiOrigin}/`, jwt: `${apiOrigin}/`, opaque: `${apiOrigin}/introspected` };
}

/** A public client: code that runs in a browser can keep no secret, and has none. */
export function demoClient(demoOrigin, idTokenAlg) {
  return {
    client_id: CLIENT_ID,
    client_name: "Valetkey demo",
    application_type: "web",
    client_uri: `${demoOrigin}/`,
    redirect_uris: [`${demoOrigin}/`, `${demoOrigin}/callback.html`],
    post_logout_redirect_uris: [`${demoOrigin}/`],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    id_token_signed_response_alg: idTokenAlg,
    require_auth_time: true,
    authorization_details_types: [TRANSFER],
  };
}

/** The API has a registration of its own, so that it can ask for introspection; it signs nobody in. */
export function apiClient(secret) {
  return {
    client_id: API_CLIENT_ID,
    client_secret: secret,
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  };
}
