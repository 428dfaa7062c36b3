/**
 * JSON with its members sorted, so that the same options in another order name the same vault. By hand, since
 * `JSON.stringify` calls whatever is called `toJSON`; of what is no object it asks nothing.
 */
export function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json)}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const named = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${named.map(([name, member]) => `${JSON.stringify(name)}:${json(member)}`)}}`;
}
