// The options: read once, each by its name, and frozen into the text that names the vault.

import { callable, type Check, flag, oneOf, text } from "./checks.js";
import { OidcError } from "./error.js";
import { json } from "./json.js";
import type { OidcClientOptions } from "./types.js";

/** What the page keeps for itself of the options; the rest is the vault's. */
export interface PageOptions {
  /** The vault's configuration, as JSON. It becomes the worker's name: other options, another vault. */
  name: string;
  isolation: "auto" | "shared" | "worker" | "page";
  vaultUrl: string | undefined;
  vaultIntegrity: string | undefined;
  navigate: (url: string) => void;
  dangerAllowFraming: boolean;
  issuer: string;
  clientId: string;
  /** Where it is marked that somebody was signed in; only where the silent sign-in could use it. */
  mark: string | undefined;
  monitorSession: boolean;
  stepUp: OidcClientOptions["stepUp"];
}


/** What each option must be. Whether a URL or a scope makes sense is for the vault to say. */
const vaultOptions = {
  issuer: text,
  clientId: text,
  redirectUri: text,
  callbackUri: text,
  scope: text,
  // Strings or objects: what is in them is for the vault to say.
  resources: Array.isArray,
  dpop: text,
  par: text,
  responseMode: text,
  persist: text,
  exposeAccessToken: flag,
  postLogoutRedirectUri: text,
  // A BigInt in it makes this throw: there is no JSON for it.
  metadata: (value: unknown) => typeof value === "object" && value !== null && json(value) !== "",
  transactions: text,
  clockTolerance: (value: unknown) => typeof value === "number",
  dangerAllowInsecureHttp: flag,
};

const pageOptions = {
  isolation: oneOf("auto", "shared", "worker", "page"),
  vaultUrl: text,
  // To the letter: browsers pass over what they cannot read, and then check nothing.
  vaultIntegrity: (value: unknown) => /^sha384-[A-Za-z\d+/]{64}$/.test(value as string),
  navigate: callable,
  dangerAllowFraming: flag,
  restore: oneOf("silent", "memory"),
  monitorSession: flag,
  stepUp: callable,
};

/** The clients that this page has made so far. */
const clients: { issuer: string; metadata: string; redirectUri: string }[] = [];

/** One provider must not be taken for another (RFC 9700 §4.4, RFC 9207 §4). */
function holdAgainstOthers(client: (typeof clients)[number]): void {
  for (const { issuer, metadata, redirectUri } of clients) {
    const same = issuer === client.issuer;
    if (same && metadata !== client.metadata) throw clash("metadata_ambiguous", issuer);
    if (!same && redirectUri === client.redirectUri) throw clash("redirect_uri_shared", redirectUri);
  }
  clients.push(client);
}

const clash = (code: "metadata_ambiguous" | "redirect_uri_shared", detail: string): OidcError =>
  new OidcError({ code, detail }, "clash", "Give each provider its own.");

const refused = (code: "option_unknown" | "option_invalid", name: string): OidcError =>
  new OidcError(
    { code, detail: name },
    code === "option_unknown" ? "unknown option" : "invalid option",
    `See the option \`${name}\`.`,
  );

/**
 * A copy, every member of it read once: what is checked is what is used, whatever a getter or a Proxy answers the second
 * time. It has no prototype: what a script adds to `Object.prototype` is no option.
 */
export function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof URL) return String(value);
  if (value instanceof AbortSignal) return value;
  if (Array.isArray(value)) return value.map(copy);
  return members(value, (name) => copy((value as Record<string, unknown>)[name]));
}

function members(of: object, value: (name: string) => unknown): Record<string, unknown> {
  const taken = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(of)) {
    const member = value(name);
    if (member !== undefined) taken[name] = member;
  }
  return taken;
}

/** The own members of `given`, each read once; throws for the first that is unknown or mistyped. */
export function read<T extends object>(given: T, checks: Record<string, Check>): T {
  if (typeof given !== "object" || given === null) throw refused("option_invalid", "options");
  return members(given, (name) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) throw refused("option_unknown", name);
    let value: unknown;
    let fits = false;
    try {
      value = copy((given as Record<string, unknown>)[name]);
      fits = value === undefined || check(value);
    } catch {
      // A getter that throws, or an object that contains itself.
    }
    if (!fits) throw refused("option_invalid", name);
    return value;
  }) as T;
}

export function readOptions(given: OidcClientOptions): PageOptions {
  const options = read(given, { ...vaultOptions, ...pageOptions });
  for (const required of ["issuer", "clientId"] as const) {
    if (options[required] === undefined) throw refused("option_invalid", required);
  }
  const { isolation = "auto", vaultUrl, vaultIntegrity, navigate, dangerAllowFraming = false, restore, monitorSession = false, stepUp, ...vault } = options;
  const { issuer, clientId } = options;
  // There is no vault.js then, and what the page loads in its place is for whoever bundles the page to check.
  if (vaultIntegrity && isolation === "page") throw refused("option_invalid", "vaultIntegrity");
  const redirectUri = vault.redirectUri ?? `${location.origin}/`;
  holdAgainstOthers({
    issuer,
    metadata: json(options.metadata),
    // Without its query: a response at one with a query is one at the same without as well.
    redirectUri: redirectUri.replace(/\/?([?#].*)?$/, ""),
  });
  return {
    name: json({ ...vault, redirectUri }),
    isolation,
    vaultUrl: vaultUrl === undefined ? undefined : new URL(vaultUrl, location.href).href,
    vaultIntegrity,
    navigate: navigate ?? navigateHere,
    dangerAllowFraming,
    issuer,
    clientId,
    mark: vault.callbackUri && restore !== "memory" ? `valetkey ${clientId} ${issuer}` : undefined,
    monitorSession,
    stepUp,
  };
}

/** Leaves this page. */
export function navigateHere(url: string): void {
  location.assign(url);
}

const signOutOptions = { returnTo: text, local: flag, revoke: flag };

export const readSignOutOptions = <T extends object>(given: T): T => read(given, signOutOptions);
