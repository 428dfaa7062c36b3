import type { TraceStepName } from "valetkey";

/** Between whom a step happens. */
export type Party = "vault" | "provider" | "api";

export interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly from: Party;
  readonly to: Party;
  readonly spec?: readonly [name: string, url: string];
}

const CORE = "https://openid.net/specs/openid-connect-core-1_0.html";
const DISCOVERY = "https://openid.net/specs/openid-connect-discovery-1_0.html";
const LOGOUT = "https://openid.net/specs/openid-connect-rpinitiated-1_0.html";
const rfc = (number: number, section: string): readonly [string, string] => [
  `RFC ${number} §${section}`,
  `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
];
const core = (section: string, anchor: string): readonly [string, string] => [`OIDC Core §${section}`, `${CORE}#${anchor}`];

/** One sentence for each step the vault reports, and where to read on. */
export const EXPLANATIONS: Readonly<Record<TraceStepName, Explanation>> = {
  vault_started: {
    title: "The vault started",
    text: "A worker that holds the tokens. Scripts of the page can ask it to make calls, but not for what it holds.",
    from: "vault",
    to: "vault",
  },
  metadata_requested: {
    title: "Asked the provider for its metadata",
    text: "One well-known document lists where its endpoints are and what it supports.",
    from: "vault",
    to: "provider",
    spec: ["OIDC Discovery §4.1", `${DISCOVERY}#ProviderConfigurationRequest`],
  },
  metadata_received: {
    title: "Got the metadata",
    text: "The issuer named in it has to be exactly the one that was asked, or somebody else is answering.",
    from: "provider",
    to: "vault",
    spec: ["OIDC Discovery §4.3", `${DISCOVERY}#ProviderConfigurationValidation`],
  },
  jwk_set_requested: {
    title: "Asked for the provider’s public keys",
    text: "The ID token’s signature is checked with these.",
    from: "vault",
    to: "provider",
    spec: rfc(7517, "5"),
  },
  jwk_set_received: {
    title: "Got the public keys",
    text: "They are fetched while the user is busy at the provider, so that nobody has to wait for them later.",
    from: "provider",
    to: "vault",
    spec: rfc(7517, "5"),
  },
  sign_in_started: {
    title: "Sent the browser to the provider",
    text: "With a fresh state, nonce and code challenge. The secret behind the challenge stays in the vault.",
    from: "vault",
    to: "provider",
    spec: rfc(7636, "4.3"),
  },
  callback_received: {
    title: "The browser came back",
    text: "The address carried an authorization code and the state. It fits the request that was made, and was taken out of the address bar.",
    from: "provider",
    to: "vault",
    spec: rfc(6749, "4.1.2"),
  },
  callback_refused: {
    title: "The browser came back without success",
    text: "The provider said no, or the answer does not fit the request that was made.",
    from: "provider",
    to: "vault",
    spec: rfc(6749, "4.1.2.1"),
  },
  token_requested: {
    title: "Exchanged the code for tokens",
    text: "The code verifier goes along: whoever stole the code could not use it without that.",
    from: "vault",
    to: "provider",
    spec: rfc(7636, "4.5"),
  },
  token_received: {
    title: "Got the tokens",
    text: "They go to the vault and stay there: the page is told when they expire, and no more.",
    from: "provider",
    to: "vault",
    spec: core("3.1.3.3", "TokenResponse"),
  },
  id_token_verified: {
    title: "Verified the ID token",
    text: "Signature, issuer, audience, expiry and nonce: all right. Only now is it known who this is.",
    from: "vault",
    to: "vault",
    spec: core("3.1.3.7", "IDTokenValidation"),
  },
  session_started: {
    title: "The session started",
    text: "Every tab of this application is told.",
    from: "vault",
    to: "vault",
  },
  renewal_started: {
    title: "Asked for a new access token",
    text: "The old one is at its end. The refresh token fetches another, without the user noticing.",
    from: "vault",
    to: "provider",
    spec: rfc(6749, "6"),
  },
  renewed: {
    title: "Got a new access token",
    text: "And a new refresh token in place of the old one, which is worth nothing any more.",
    from: "provider",
    to: "vault",
    spec: rfc(9700, "4.14.2"),
  },
  renewal_failed: {
    title: "No new access token",
    text: "The provider could not be reached, or no longer honours the refresh token.",
    from: "provider",
    to: "vault",
    spec: rfc(6749, "5.2"),
  },
  renewal_postponed: {
    title: "Could not renew the token for now",
    text: "The network or the provider is out of order. That ends no session: the vault tries again by itself.",
    from: "provider",
    to: "vault",
  },
  resource_requested: {
    title: "Called the API",
    text: "The vault puts the access token into the Authorization header, for the APIs on its list alone.",
    from: "vault",
    to: "api",
    spec: rfc(6750, "2.1"),
  },
  resource_answered: {
    title: "The API answered",
    text: "It has checked the access token first: who issued it, for whom, until when, and for what.",
    from: "api",
    to: "vault",
    spec: rfc(9068, "4"),
  },
  user_info_requested: {
    title: "Asked for the user’s profile",
    text: "The UserInfo endpoint is an API of the provider’s own, opened by the access token.",
    from: "vault",
    to: "provider",
    spec: core("5.3.1", "UserInfoRequest"),
  },
  user_info_received: {
    title: "Got the profile",
    text: "It has to be about the same subject as the ID token.",
    from: "provider",
    to: "vault",
    spec: core("5.3.2", "UserInfoResponse"),
  },
  sign_out_started: {
    title: "Sent the browser to the provider to sign out",
    text: "The session here is over; the provider asks whether its own shall end as well.",
    from: "vault",
    to: "provider",
    spec: ["OIDC RP-Initiated Logout §2", `${LOGOUT}#RPLogout`],
  },
  revocation_requested: {
    title: "Asked the provider to revoke a token",
    text: "The refresh token first: mostly the access token ends with it.",
    from: "vault",
    to: "provider",
    spec: rfc(7009, "2.1"),
  },
  revoked: {
    title: "The token is revoked",
    text: "Whoever has a copy can do nothing with it any more.",
    from: "provider",
    to: "vault",
    spec: rfc(7009, "2.2"),
  },
  revocation_failed: {
    title: "The token could not be revoked",
    text: "It is gone here, and lives at the provider until it expires.",
    from: "provider",
    to: "vault",
    spec: rfc(7009, "2.2.1"),
  },
  user_changed: {
    title: "Another user has signed in",
    text: "Nothing of the former one is left in the vault.",
    from: "vault",
    to: "vault",
  },
  sign_in_cancelled: {
    title: "Gave a sign-in up",
    text: "If its answer still comes, it is refused.",
    from: "vault",
    to: "vault",
  },
  session_ended: {
    title: "The session ended",
    text: "The vault has forgotten the tokens, and every tab is told.",
    from: "vault",
    to: "vault",
  },
};
