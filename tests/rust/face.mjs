// The Rust client as an `OidcClient`: served to the tests' page in place of the package's index.js. The module is started with the
// page, as an application's is.

import init, { RustClient } from "./valetkey_face.js";

await init();

export class OidcError extends Error {}

const known = (error) => {
  if (typeof error?.code !== "string") throw error;
  throw Object.assign(new OidcError(error.message), error);
};
const told = (session) => (session.error ? { ...session, error: Object.assign(new OidcError(session.error.message), session.error) } : session);

export function createOidcClient(options) {
  let client;
  try {
    client = new RustClient(options);
  } catch (error) {
    known(error);
  }
  const asked = (name) => (...given) => client[name](...given).catch(known);
  const names = ["signIn", "signInAsInitiated", "signOut", "fetch", "resume", "getAccessToken", "userInfo", "renew", "trace", "readAsText"];
  return {
    get session() {
      return told(client.session);
    },
    ready: () => client.ready().then(told, known),
    subscribe: (listener) => client.subscribe((session) => listener(told(session))),
    subscribeForEver: (listener) => client.subscribeForEver(listener),
    unsubscribe: () => client.unsubscribe(),
    onTrace: (listener) => client.onTrace(listener),
    onEvent: (listener) => client.onEvent(listener),
    ...Object.fromEntries(names.map((name) => [name, asked(name)])),
  };
}
