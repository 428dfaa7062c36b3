// Switches of the authorization response.

/** Some parameters of other values; `undefined` leaves one out, an array repeats it. */
export const response = (changes) => ({
  response(honest, context) {
    const changed = new URLSearchParams(honest);
    for (const [name, given] of Object.entries(changes)) {
      const value = typeof given === "function" ? given(honest.get(name), context) : given;
      changed.delete(name);
      if (value !== undefined) for (const one of [value].flat()) changed.append(name, one);
    }
    return changed;
  },
});

/** A refusal in place of a code. */
export const errorResponse = (parameters) => response({ code: undefined, ...parameters });

/** The address that the browser is sent back to, changed as a text. */
export const redirect = (change) => ({ redirect: (url, context) => change(url, context) });
