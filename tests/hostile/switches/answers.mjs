// Switches of the HTTP answers, of whichever endpoint: `discovery`, `jwks`, `token`, `userInfo`.

/** The answer changed: `{ status, headers, body, stream, hang }`, or a function that makes it of the honest one. */
export const answer = (endpoint, change) => ({
  [`${endpoint}Answer`](honest, context) {
    const { headers, ...rest } = typeof change === "function" ? change(honest, context) : change;
    return { ...honest, ...rest, headers: { ...honest.headers, ...headers } };
  },
});

/** Another body, with the status and the headers of the honest answer. */
export const body = (endpoint, text) => answer(endpoint, { body: typeof text === "string" ? text : JSON.stringify(text) });

/** A member more in the document's text, before all others, where no serialiser would put it. */
export const withMember = (endpoint, member) => answer(endpoint, ({ body: text }) => ({ body: text.replace("{", `{${member},`) }));

export const redirect = (endpoint, status, location) => answer(endpoint, (_, { request }) => ({ status, body: "", headers: { location: typeof location === "function" ? location(request) : location } }));

/** Metadata with members replaced; `undefined` leaves one out. */
export const metadata = (members) => ({
  metadata: (honest, { realm }) => ({ ...honest, ...(typeof members === "function" ? members(honest, realm) : members) }),
});

export const metadataText = (change) => ({ metadataText: (text, context) => change(text, context) });
