// A page with no library and nobody signed in: what a tab costs by itself.

export function open() {
  return { user: async () => ({ sub: "ada" }) };
}
