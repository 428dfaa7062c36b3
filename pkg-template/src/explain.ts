/**
 * What is most likely wrong when an error of Valetkey occurs, and what to change. For development: nothing of it is loaded by
 * the rest of the package.
 *
 * @module
 */
import type { OidcError } from "./error.js";

/** A likely cause. */
export interface Explanation {
  /** What is probably the case. */
  readonly cause: string;
  /** What to change, and where. */
  readonly fix: string;
}

/** What is known of where the error occurred. */
interface Facts {
  error: OidcError;
  /** Whether the provider is of another site than this page, as far as host names tell; `undefined` when it is not known. */
  crossSite: boolean | undefined;
  secure: boolean;
  here: string;
}

interface Rule {
  codes: readonly string[];
  when?: (facts: Facts) => boolean;
  explanation: (facts: Facts) => Explanation;
}

const said = ({ error }: Facts, pattern: RegExp): boolean => pattern.test(`${error.errorDescription ?? ""} ${error.detail ?? ""}`);

const RULES: readonly Rule[] = [
  {
    codes: ["invalid_request", "provider_error", "redirect_uri_mismatch", "invalid_grant"],
    when: (facts) => facts.error.code === "redirect_uri_mismatch" || said(facts, /redirect/i),
    explanation: ({ here }) => ({
      cause: "The redirect URI is not registered at the provider as it was sent.",
      fix: `Register the value of \`redirectUri\` (default ${here}/) and of \`callbackUri\` at the provider, character for character: scheme, port, path and trailing slash count.`,
    }),
  },
  {
    codes: ["cors_blocked"],
    explanation: ({ error, here }) => ({
      cause: `The provider answers, but its ${error.detail ?? "endpoint"} has no CORS headers for this page.`,
      fix: `Add ${here} to the allowed (web) origins of this client at the provider. For the token endpoint some providers do so only for clients that are registered as single-page or public ones.`,
    }),
  },
  {
    codes: ["provider_unreachable"],
    when: ({ secure }) => secure,
    explanation: ({ here }) => ({
      cause: "Nothing could be read from the server: it is down, its certificate is bad, it is plain http called from an https page, or an ad blocker or this page's Content-Security-Policy stopped the request.",
      fix: `Open the URL in a tab. If it opens there, add its origin to \`connect-src\`, and ${here} to the provider's allowed origins: in a page with a Cross-Origin-Embedder-Policy missing CORS headers look like this, too.`,
    }),
  },
  {
    codes: ["silent_blocked"],
    when: ({ error }) => error.detail === "frame-src",
    explanation: () => ({
      cause: "This page's own Content-Security-Policy does not let it frame the provider.",
      fix: "Add the provider's origin to `frame-src` (without one, `child-src` or `default-src` counts), or use `restore: \"memory\"`.",
    }),
  },
  {
    codes: ["silent_blocked"],
    when: ({ error }) => error.detail !== "frame-src",
    explanation: ({ error }) => ({
      cause: `${error.detail ?? "The provider"} does not let this page frame it (X-Frame-Options or frame-ancestors), or shows a page in the frame instead of answering \`prompt=none\`.`,
      fix: "Open the authorization URL with `prompt=none` in a tab: it must lead straight to the callback page. If it does, the provider must drop X-Frame-Options for this client, or the silent sign-in cannot be used: take `restore: \"memory\"`.",
    }),
  },
  {
    codes: ["login_required", "interaction_required", "silent_timed_out"],
    when: ({ crossSite }) => crossSite !== false,
    explanation: ({ crossSite }) => ({
      cause: `The browser sends the provider no cookie in a frame${crossSite ? ": it is of another site" : ""}, so the provider knows nobody there.`,
      fix: "Serve the provider under a host of this application's own site (auth.example.com beside app.example.com), or rely on the vault's memory and a refresh token (`offline_access`) and sign in by redirect or popup.",
    }),
  },
  {
    codes: ["login_required"],
    when: ({ crossSite }) => crossSite !== true,
    explanation: () => ({
      cause: "Nobody is logged in at the provider any more.",
      fix: "Nothing is wrong: offer `signIn()` by redirect or popup.",
    }),
  },
  {
    codes: ["access_token_expired"],
    explanation: () => ({
      cause: "The provider gave no refresh token.",
      fix: "Allow the grant type `refresh_token` for this client, and, where the provider wants it, ask for the scope `offline_access` (`scope: \"openid profile email offline_access\"`).",
    }),
  },
  {
    codes: ["id_token_expired", "issued_in_future", "issued_too_long_ago", "not_yet_valid", "auth_time_too_old"],
    explanation: () => ({
      cause: `The clock of this device or of the provider is wrong. This device says ${new Date().toISOString()}.`,
      fix: "Compare it with the right time, time zone aside. `clockTolerance` takes up to 350 seconds; more cannot be told from a replayed token.",
    }),
  },
  {
    codes: ["insecure_http", "crypto_unavailable"],
    explanation: ({ secure }) => ({
      cause: secure ? "The issuer or one of its endpoints is plain http." : "This page is plain http on a host that is not loopback, so the browser gives it no WebCrypto.",
      fix: "Use https, or http://localhost, in development too. `dangerAllowInsecureHttp: true` is for a closed network, and even there the provider must sign with ES256.",
    }),
  },
  {
    codes: ["state_unknown", "transaction_expired"],
    explanation: () => ({
      cause: "The browser came back to another origin, browser or profile than the one that began, after more than an hour, or with site data blocked or cleared on the way.",
      fix: "Begin and end at one origin (mind www and the port). Where site data is blocked, only a vault that outlives the trip remembers the sign-in.",
    }),
  },
  {
    codes: ["invalid_client", "unauthorized_client"],
    explanation: () => ({
      cause: "The client ID is wrong, or the provider takes this client for a confidential one, which must authenticate with a secret.",
      fix: "Register the application as a public client (`token_endpoint_auth_method: none`) with the authorization code flow and PKCE.",
    }),
  },
  {
    codes: ["metadata_issuer_mismatch"],
    explanation: ({ error }) => ({
      cause: `The provider calls itself ${error.detail ?? "otherwise"}.`,
      fix: "Give `issuer` exactly as the provider's /.well-known/openid-configuration has it: a trailing slash counts, and so does a tenant.",
    }),
  },
  {
    codes: ["popup_blocked"],
    explanation: () => ({
      cause: "The popup was not opened by a click: something was awaited between the click and `signIn`.",
      fix: "Call `signIn({ mode: \"popup\" })` first thing in the click's handler.",
    }),
  },
  {
    codes: ["vault_unreachable", "wasm_blocked"],
    explanation: ({ error }) => ({
      cause: `The vault's files cannot be loaded here${error.detail ? ` (${error.detail})` : ""}.`,
      fix: "Content-Security-Policy: `script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'`, on the page and on vault.js. If the bundler does not place vault.js and vault.wasm, copy them and set `vaultUrl`.",
    }),
  },
];

/**
 * The likely causes of an error, the likeliest first; at least the error's own hint. `issuer` is the client's: with it, more
 * can be told.
 */
export function explain(error: OidcError, { issuer }: { issuer?: string } = {}): readonly Explanation[] {
  const facts: Facts = {
    error,
    crossSite: issuer === undefined ? undefined : site(new URL(issuer).hostname) !== site(location.hostname),
    secure: isSecureContext,
    here: location.origin,
  };
  const found = RULES.filter(({ codes, when }) => codes.includes(error.code) && (when?.(facts) ?? true)).map(({ explanation }) => explanation(facts));
  return found.length > 0 ? found : [{ cause: error.message, fix: error.hint }];
}

/** The last two labels: right for most hosts, and this is advice, not a decision. */
const site = (host: string): string => host.split(".").slice(-2).join(".");
