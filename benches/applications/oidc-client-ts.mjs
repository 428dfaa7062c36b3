// oidc-client-ts. `way`: the store of the user, `session` being the library's own choice; whether a hidden frame restores
// a user that is not stored; whether the application itself lets calls share a renewal; whether it keeps the access token in
// a variable and leaves the library out of its calls; options of the library.

import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";

export function open({ issuer, clientId, redirectUri, silentRedirectUri, way }) {
  const { store = "session", frame, shared, variable, ...options } = way;
  let token;
  const stores = { session: () => sessionStorage, local: () => localStorage, memory: () => new InMemoryWebStorage() };
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    silent_redirect_uri: silentRedirectUri,
    scope: "openid profile email",
    userStore: new WebStorageStateStore({ store: stores[store]() }),
    ...options,
  });
  let renewal;
  const renew = () => {
    if (!shared) return manager.signinSilent();
    return (renewal ??= manager.signinSilent().finally(() => (renewal = undefined)));
  };
  const inFrame = () =>
    manager.signinSilent().catch((error) => {
      if (error.error === "login_required") return null;
      throw error;
    });
  return {
    async user() {
      let user;
      if (new URLSearchParams(location.search).has("state")) {
        user = await manager.signinCallback();
        history.replaceState(null, "", redirectUri);
      } else {
        user = (await manager.getUser()) ?? (frame ? await inFrame() : null);
        if (user?.expired) user = await renew();
      }
      token = user?.access_token;
      return user && { sub: user.profile.sub };
    },
    signIn: () => manager.signinRedirect(),
    async call(url, init) {
      if (variable) return fetch(url, { ...init, headers: { authorization: `Bearer ${token}` } });
      let user = await manager.getUser();
      if (!user || user.expired) user = await renew();
      return fetch(url, { ...init, headers: { authorization: `Bearer ${user.access_token}` } });
    },
  };
}
