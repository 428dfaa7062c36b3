// Switches of pushed authorization requests (RFC 9126).

import { answer } from "./answers.mjs";
import { metadata } from "./metadata.mjs";

/** The provider has the endpoint; `required`: it says that it takes no other requests, and takes none. */
export const par = ({ required = true } = {}) => ({
  ...metadata((all, { realm }) => {
    all.pushed_authorization_request_endpoint = `${realm.issuer}par`;
    if (required) all.require_pushed_authorization_requests = true;
  }),
  authorizeAnswer: (honest, { request }) => (required && !request.query.has("request_uri") ? { status: 400, headers: { "content-type": "text/plain" }, body: "push it" } : honest),
});

/** The document that answers a push, changed; `undefined` leaves a member out. */
export const pushed = (changes) => ({
  pushed: (honest, context) => Object.fromEntries(Object.entries({ ...honest, ...(typeof changes === "function" ? changes(honest, context) : changes) }).filter(([, value]) => value !== undefined)),
});

/** The HTTP answer of the endpoint. */
export const parAnswer = (change) => answer("par", change);

export const parError = (error, status = 400, headers = {}) => parAnswer({ status, body: JSON.stringify({ error }), headers });
