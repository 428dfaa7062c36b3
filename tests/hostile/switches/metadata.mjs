// Switches of the provider's metadata.

/** The metadata changed in place. */
export const metadata = (change) => ({
  metadata(honest, context) {
    const changed = structuredClone(honest);
    return change(changed, context) ?? changed;
  },
});

/** One member of another value; `undefined` leaves it out. */
export const member = (name, value) => metadata((all, context) => void (all[name] = typeof value === "function" ? value(all[name], context) : value));

export const metadataText = (change) => ({ metadataText: (text) => change(text) });
