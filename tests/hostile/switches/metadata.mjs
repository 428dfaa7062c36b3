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

/** Some members of other values; `undefined` leaves one out. */
export const members = (changed) => ({
  metadata(honest, context) {
    const given = typeof changed === "function" ? changed(context, honest) : changed;
    return Object.fromEntries(Object.entries({ ...honest, ...given }).filter(([, value]) => value !== undefined));
  },
});
