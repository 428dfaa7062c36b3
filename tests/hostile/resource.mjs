// Somebody who is signed in and calls an API, at a provider that speaks DPoP: what the attacks on proofs begin with.

import assert from "node:assert/strict";
import { realmName } from "./attack.mjs";
import { HOSTS, originOf } from "./lab.mjs";
import { dpop } from "./switches/dpop.mjs";

/** `nonces`, `algorithms`: as for `dpop()`; `tabs`: so many pages; the rest is the realm's setting. */
export async function boundSession(lab, t, id, { nonces, algorithms, base = [], tabs = 1, context, ...setting } = {}) {
  const made = lab.realm(realmName(id), { ...setting, base: [dpop({ nonces, algorithms }), ...base] });
  const own = context ?? (await lab.context(t));
  const page = await lab.page(own);
  await signIn(lab, page, made);
  const pages = [page];
  while (pages.length < tabs) {
    pages.push(await lab.page(own));
    await lab.open(pages.at(-1), made.application);
  }
  return { ...made, context: own, page, pages };
}

/** Signs in, with tokens that are bound; UserInfo may take more than one request here. */
export async function signIn(lab, page, { realm, application }) {
  const report = await lab.attempt(page, application);
  assert.deepEqual([report.status, report.error], ["signed-in", undefined], JSON.stringify(report));
  assert.equal(report.userInfo.value?.sub, realm.subject, JSON.stringify(report.userInfo));
  assert.equal(report.tokenType, "DPoP");
  assert.deepEqual(report.troubles, []);
  return report;
}

/** An address of the API for a realm's calls. */
export const apiUrl = (realm, path = "anything", host = HOSTS.api) => `${originOf(host)}/${realm.name}/${path}`;

/** Calls an API through the library: `{ value: status }` or `{ error }`. */
export const call = (page, url, init) =>
  page.evaluate(([given, options]) => window.outcome(async () => (await window.client.fetch(given, options)).status), [url, init]);

/** What the API was sent so far with one of a realm's tokens, or for its path. */
export const callsOf = (lab, realm, host = HOSTS.api) =>
  lab.network.log.filter(({ host: called, method, path, headers }) => {
    const token = headers.authorization?.split(" ")[1];
    return called === host && method !== "OPTIONS" && (path.startsWith(`/${realm.name}/`) || (token !== undefined && realm.tokenRecord(token) !== undefined));
  });

/** Sends a request to a realm's provider as somebody does who is not the browser. */
export async function ask(realm, endpoint, form, headers = {}) {
  const { headers: answered = {}, status = 200, body } = await realm.handle({
    at: Date.now(),
    host: realm.host,
    method: "POST",
    path: `/${realm.name}/${endpoint}`,
    url: `${realm.issuer}${endpoint}`,
    query: new URLSearchParams(),
    headers,
    body: String(new URLSearchParams(form)),
  });
  return { status, headers: answered, body: JSON.parse(body || "{}") };
}
