import assert from "node:assert/strict";
import test, { before } from "node:test";
import { typeErrors } from "../support/type-check.mjs";

const head = `import { createOidcClient, OidcError, type AuthorizationDetail, type ExposedAccessToken, type OidcClient, type OidcErrorCode, type OidcEvent, type Session, type SettledSession, type SignedInSession, type SignedOutReason, type StepUpDemand, type TraceStep } from "valetkey";
import { explain, type Explanation } from "valetkey/explain";
declare const oidc: OidcClient; declare const session: Session; declare const settled: SettledSession; declare const error: OidcError;
export {};
`;

const compiling = {
  "the example of the README": `
    const client = createOidcClient({ issuer: "https://id.example.com", clientId: "spa", resources: ["https://api.example.com/"] });
    const now = await client.ready();
    if (now.status === "signed-out") await client.signIn({ returnTo: "/inbox" });
    const orders: Response = await client.fetch("https://api.example.com/orders");
    await client.signOut();`,
  "a session is narrowed by its status": `
    if (session.status === "signed-in") { const name: string | undefined = session.claims.name; const by: "redirect" | "popup" | "silent" | "memory" | "persisted" = session.restoredBy; const until: number | undefined = session.renewalPostponed?.retryAt; }
    else if (session.status === "signed-out") { const code: OidcErrorCode | undefined = session.error?.code; const where: "shared" | "worker" | "page" = session.isolation; const why: SignedOutReason | undefined = session.reason; const tried: OidcErrorCode | undefined = session.restoreFailure?.code; }
    else { const loading: "loading" = session.status; }`,
  "the three statuses are all there are": `
    switch (session.status) { case "loading": case "signed-out": case "signed-in": break; default: { const never: never = session; } }`,
  "a session that is ready is no longer loading": `const status: "signed-in" | "signed-out" = (await oidc.ready()).status;`,
  "fetch takes what fetch takes": `
    await oidc.fetch(new URL("https://api.example.com/"), { method: "POST", body: "x", signal: AbortSignal.timeout(1) });
    await oidc.fetch(new Request("https://api.example.com/"));
    const same: typeof fetch extends (input: RequestInfo | URL, init?: RequestInit) => infer R ? R : never = oidc.fetch("x");`,
  "methods can be passed on alone": `const { fetch, signIn, subscribe } = oidc; const stop: () => void = subscribe((now) => now.status);`,
  "subscribe and session fit useSyncExternalStore": `
    declare function useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, snapshot: () => T): T;
    const now: Session = useSyncExternalStore(oidc.subscribe, () => oidc.session);`,
  "claims of the provider's own are unknown": `if (session.status === "signed-in") { const roles: unknown = session.claims["roles"]; const sub: string = session.claims.sub; }`,
  "an audience is one or several": `if (session.status === "signed-in") { const list: readonly string[] = typeof session.claims.aud === "string" ? [session.claims.aud] : session.claims.aud; }`,
  "an error is an Error with a code": `try { await oidc.signIn(); } catch (thrown) { if (thrown instanceof OidcError) { const code: OidcErrorCode = thrown.code; const hint: string = thrown.hint; const plain: Error = thrown; } }`,
  "a step has a name of the list": `oidc.onTrace((step: TraceStep) => { if (step.step === "token_received") { const at: number = step.at; } });`,
  "an event is told by its type": `oidc.onEvent((event: OidcEvent) => { if (event.type === "signed_out") { const why: SignedOutReason = event.reason; } if (event.type === "error") { const code: OidcErrorCode = event.error.code; } if (event.type === "restored") { const by: string = event.by; } });`,
  "a sign-out that stays says what became of the tokens": `const { revoked }: { readonly revoked: boolean } = await oidc.signOut({ local: true, revoke: true });`,
  "an access token says how it is sent": `const { accessToken, tokenType }: ExposedAccessToken = await oidc.getAccessToken({ resource: new URL("https://api.example.com/") });`,
  "a request may be taken up again": `const answer: Response | undefined = await oidc.resume();`,
  "a session says how its token is sent": `if (session.status === "signed-in") { const type: "Bearer" | "DPoP" = session.tokenType; const details: readonly AuthorizationDetail[] | undefined = session.authorizationDetails; const exposed: true | undefined = session.accessTokenExposed; }`,
  "a third party may ask for a sign-in": `const followed: boolean = await oidc.signInAsInitiated({ loginHint: true, confirm: async ({ returnTo }) => returnTo === "/" });`,
  "an explanation has a cause and a fix": `const list = explain(error, { issuer: "https://id.example.com" }); const said: string[] = list.map(({ cause, fix }: Explanation) => cause + fix);`,
  "every option is accepted": `createOidcClient({ issuer: "", clientId: "", redirectUri: "", callbackUri: "", restore: "memory", monitorSession: true, scope: "", resources: ["x", { url: "y", scope: "a b", resource: "urn:r", audience: "c" }] as const, postLogoutRedirectUri: "", metadata: { issuer: "" }, isolation: "auto", transactions: "memory", clockTolerance: 1, vaultUrl: new URL("https://a.example"), vaultIntegrity: "sha384-", navigate: (url) => { url.length; }, dangerAllowInsecureHttp: true, dangerAllowFraming: true, dpop: "required", par: "required", responseMode: "fragment.jwt", persist: "dpop", exposeAccessToken: true, stepUp: async ({ acrValues }: StepUpDemand) => (acrValues ? "popup" : "refuse") });`,
  "every sign-in option is accepted": `await oidc.signIn({ mode: "popup", signal: AbortSignal.timeout(1), returnTo: "/", prompt: "login", maxAge: 0, acrValues: "a", loginHint: "b", uiLocales: "de", scope: "openid", claims: { id_token: { acr: null } }, authorizationDetails: [{ type: "t", actions: ["a"] }], idTokenHint: true, sameUser: true, extraParams: { kc_idp_hint: "x" } });`,
};

/** Each with the error the compiler must find; it must find nothing else. */
const refused = {
  "an unknown option": [`createOidcClient({ issuer: "", clientId: "", audience: "x" });`, "TS2353"],
  "a misspelt option": [`createOidcClient({ issuer: "", clientID: "" });`, /TS2561|TS2353/],
  "a client without an issuer": [`createOidcClient({ clientId: "" });`, "TS2741"],
  "a client without a client ID": [`createOidcClient({ issuer: "" });`, "TS2741"],
  "resources as one string": [`createOidcClient({ issuer: "", clientId: "", resources: "https://api.example.com" });`, "TS2322"],
  "an isolation that does not exist": [`createOidcClient({ issuer: "", clientId: "", isolation: "iframe" });`, "TS2322"],
  "a mode that there is not": [`await oidc.signIn({ mode: "iframe" });`, "TS2322"],
  "a choice that there is not": [`createOidcClient({ issuer: "", clientId: "", stepUp: () => "iframe" });`, "TS2322"],
  "an unknown sign-in option": [`await oidc.signIn({ state: "x" });`, "TS2353"],
  "claims of a session that may be signed out": [`settled.claims;`, "TS2339"],
  "an error of a session that is loading": [`session.error;`, "TS2339"],
  "an access token": [`if (session.status === "signed-in") session.accessToken;`, /TS2339|TS2551/],
  "a session that is changed": [`if (session.status === "signed-in") session.claims.sub = "x";`, "TS2540"],
  "a session that is replaced": [`oidc.session = session;`, "TS2540"],
  "a code that does not exist": [`if (error.code === "acess_denied") {}`, "TS2367"],
  "a step that does not exist": [`oidc.onTrace(({ step }) => step === "popup_opened");`, "TS2367"],
  "an answer of fetch that is not awaited": [`oidc.fetch("x").status;`, "TS2339"],
};

for (const resolution of ["bundler", "nodenext"]) {
  // A file's name says nothing: the names of the tests are sentences.
  const names = [...Object.keys(compiling), ...Object.keys(refused)];
  const fileOf = (name) => `program${names.indexOf(name)}`;
  let errors;
  before(async () => {
    const sources = [...Object.values(compiling), ...Object.values(refused).map(([source]) => source)];
    errors = await typeErrors(Object.fromEntries(names.map((name, index) => [fileOf(name), head + sources[index]])), resolution);
  });

  for (const name of Object.keys(compiling)) {
    test(`${resolution}: ${name}`, () => assert.deepEqual(errors[fileOf(name)], []));
  }
  for (const [name, [, code]] of Object.entries(refused)) {
    test(`${resolution}: ${name} does not compile`, () => {
      assert.equal(errors[fileOf(name)].length, 1, errors[fileOf(name)].join("\n"));
      assert.match(errors[fileOf(name)][0], code instanceof RegExp ? code : new RegExp(`^${code} `, "u"));
    });
  }
}
