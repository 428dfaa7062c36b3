// H-24: what is said when something goes wrong, on every way that it is said; and making things go wrong.

Error.prepareStackTrace = (error, frames) => (steal("stack", error.message, error, frames.map((frame) => [frame.getThis?.(), frame.getFunction?.()])), String(error.stack));
Error.stackTraceLimit = 100;
for (const name of ["log", "info", "warn", "error", "debug", "trace"]) tap(console, name);
tap(window, "reportError");
addEventListener("error", (event) => steal("error", event.message, event.error, event.filename), true);
addEventListener("unhandledrejection", (event) => steal("rejection", event.reason, event.reason?.cause), true);
for (let round = 0; round < 40 && !window.client; round += 1) await wait(25);
await wait(300);
for (const name of ["fetch", "signIn", "signOut", "userInfo", "getTokenSilently", "signinSilent", "updateToken", "renewTokens", "handleRedirectCallback", "signinCallback"]) {
  for (const given of [[{ toString: () => { throw new Error("from the attacker"); } }], ["https://evil.test/?x"], [Symbol("x")], [null]]) {
    try {
      await Promise.race([window.client?.[name]?.(...given), wait(200)]);
    } catch (error) {
      steal("thrown", error, error?.cause, error?.stack, JSON.stringify(error));
    }
  }
}
