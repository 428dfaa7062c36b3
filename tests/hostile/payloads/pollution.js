// H-13, H-14: accessors on the prototype that all objects share, told of every value that is assigned rather than defined.

const names = ["access_token", "refresh_token", "id_token", "token", "idToken", "refreshToken", "accessToken", "code", "code_verifier", "state", "nonce",
  "value", "body", "headers", "authorization", "Authorization", "url", "href", "form", "verifier", "data", "profile", "tokenResponse", "raw", "_storage"];
for (const name of names) {
  Object.defineProperty(Object.prototype, name, {
    __proto__: null,
    configurable: true,
    get: () => undefined,
    set(value) {
      steal(name, value);
      Object.defineProperty(this, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
    },
  });
}
