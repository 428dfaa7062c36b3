// Switches of the authorization response: what the browser is sent back with.

/** The parameters of the response changed in place. */
export const response = (change) => ({
  response(honest, context) {
    const changed = new URLSearchParams(honest);
    change(changed, context);
    return changed;
  },
});

/** One parameter of another value; `undefined` leaves it out. */
export const parameter = (name, value) =>
  response((all, context) => {
    const changed = typeof value === "function" ? value(all.get(name), context) : value;
    if (changed === undefined) all.delete(name);
    else all.set(name, changed);
  });

/** A parameter a second time. */
export const repeated = (name, value) => response((all) => all.append(name, value ?? all.get(name)));
