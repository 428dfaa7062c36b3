// H-02: everything that can be reached from the globals and from the library's client.

for (const delay of [0, 200, 500]) {
  await wait(delay);
  walk(window.client, 50_000);
  walk(window, 50_000);
}
