// H-25, J-09: the addresses the page leaves for, at sign-out most of all. The library is asked to sign out.

window.navigation?.addEventListener("navigate", (event) => {
  steal("navigate", event.destination.url);
  flush();
});
for (let round = 0; round < 60 && !window.reported; round += 1) await wait(25);
for (const name of ["signOut", "signoutRedirect", "logout"]) {
  if (typeof window.client?.[name] !== "function") continue;
  void Promise.resolve(window.client[name](...(name === "logout" ? [{ redirectTo: "home" }] : []))).catch(() => {});
  break;
}
await wait(500);
