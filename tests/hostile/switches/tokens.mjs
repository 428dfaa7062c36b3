// Switches of the token response and of the ID token in it.

/** A switch that changes the claims in place. */
export const claims = (change) => ({
  claims(honest, context) {
    const changed = structuredClone(honest);
    return change(changed, context) ?? changed;
  },
});

/** One claim of another value; `undefined` leaves it out. */
export const claim = (name, value) => claims((all, context) => void (all[name] = typeof value === "function" ? value(all[name], context) : value));

export const header = (members) => ({ header: (honest) => ({ ...honest, ...members }) });

/** The text of the claims, so that it can be what no serialiser makes. */
export const claimsText = (change) => ({ claimsText: (text) => change(text) });
export const headerText = (change) => ({ headerText: (text) => change(text) });

/** Signed by another way or with another key. */
export const signed = (sign) => ({ signature: (honest, context) => sign(context, honest) });

/** The compact JWS changed after it was signed. */
export const idToken = (change) => ({ idToken: (compact, context) => change(compact, context) });

/** The token response changed in place. */
export const tokens = (change) => ({
  tokens(honest, context) {
    const changed = { ...honest };
    return change(changed, context) ?? changed;
  },
});

export const tokensText = (change) => ({ tokensText: (text) => change(text) });

/** The HTTP answer of the token endpoint. */
export const tokenAnswer = (change) => ({ tokenAnswer: (answer, context) => ({ ...answer, ...change(answer, context) }) });

export const now = () => Math.floor(Date.now() / 1000);
