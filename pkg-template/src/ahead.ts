// The provider's metadata, asked for while the wasm module is still on its way. The module takes the answer up when it
// would have sent the same request (src/browser/fetch.js), and checks it as it checks any other.

/** What the vault's own requests to a provider are like, see src/browser/fetch.js. */
const LIKE_THE_VAULTS: RequestInit = {
  cache: "no-store",
  credentials: "omit",
  mode: "cors",
  redirect: "manual",
  referrerPolicy: "no-referrer",
};

/** Where it waits for the module. */
export interface Ahead {
  url: string;
  response: Promise<Response>;
}

export function fetchMetadataAhead(configuration: string): void {
  let issuer: unknown;
  let metadata: unknown;
  try {
    ({ issuer, metadata } = JSON.parse(configuration));
  } catch {
    // The module will say what is wrong with it.
  }
  // Only where the module would go, too: a configuration that it refuses must not cause a request.
  if (typeof issuer !== "string" || metadata || !/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])[^?#]*$/.test(`${issuer}/`)) return;
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = fetch(url, { ...LIKE_THE_VAULTS, signal: AbortSignal.timeout(30_000) });
  // Whoever takes it up hears of a failure; until then it is nobody's.
  response.catch(() => {});
  (globalThis as { valetkeyAhead?: Ahead }).valetkeyAhead = { url, response };
}
