// How many DPoP proofs a second (RFC 9449): Valetkey's vault beside `jose` and WebCrypto alone. The vault gives no proof away, so
// its calls are counted, to an API that answers at once, with proofs and without.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./bundle.mjs";
import { summary, table } from "./stats.mjs";

const CALLS = 1000;
const JOSE = JSON.parse(await readFile(join(root, "node_modules/jose/package.json"), "utf8")).version;

const subjects = {
  "valetkey, calls with a proof": { library: "valetkey", expression: `valetkeyCalls("auto", ${CALLS})` },
  "valetkey, calls without": { library: "valetkey", expression: `valetkeyCalls("off", ${CALLS})` },
  "jose, proofs alone": { library: "empty", expression: `joseProofs(${CALLS})` },
  "WebCrypto, signatures alone": { library: "empty", expression: `signatures(${CALLS})` },
};

export const proofs = {
  name: "proofs",
  title: `${CALLS} in turn, microseconds of one, in the page (jose ${JOSE}); the network is a function that answers at once`,
  subjects,

  async run({ cases, browser, runs }) {
    const site = await startSite();
    const context = await browser.newContext();
    try {
      for (let run = 0; run <= runs; run += 1) {
        for (let i = 0; i < cases.length; i += 1) {
          const each = cases[(i + run) % cases.length];
          try {
            // A new page each time: what one has compiled is nothing to the next.
            await context.visit(site.origin);
            const found = await context.tab.evaluate(each.definition.expression);
            if (run > 0) each.results.push(found);
          } catch (error) {
            each.fail(error);
          }
        }
      }
    } finally {
      await context.close();
      await site.close();
    }
  },

  summarize: ({ results, failures }) => ({ ...summary(results), failures }),

  print(entries) {
    const rows = Object.entries(entries).map(([subject, entry]) => [
      subject,
      ...[entry.median, entry.p25, entry.p75].map((value) => value?.toFixed(0) ?? "-"),
      entry.median ? Math.round(1e6 / entry.median).toLocaleString("en") : "-",
    ]);
    console.log(table(["proofs", "median µs", "p25", "p75", "a second"], rows));
    const [bound, bearer] = ["valetkey, calls with a proof", "valetkey, calls without"].map((subject) => entries[subject]?.median);
    if (bound && bearer) console.log(`A proof of the vault costs ${Math.round(bound - bearer)} µs more than a call without.`);
  },

  targets: () => [],
};

async function startSite() {
  const program = await build({ entryPoints: [join(root, "benches/programs/proofs.mjs")], bundle: true, format: "iife", write: false, target: "es2022" });
  const files = { "/": ["text/html", '<!doctype html><meta charset="utf-8"><script src="/program.js"></script>'], "/program.js": ["text/javascript", program.outputFiles[0].text] };
  const server = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    const [type, content] = files[path] ?? [/\.wasm$/u.test(path) ? "application/wasm" : "text/javascript", await readFile(join(root, "pkg", path.replace("/valetkey/", ""))).catch(() => undefined)];
    response.writeHead(content === undefined ? 404 : 200, { "content-type": type });
    response.end(content);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://localhost:${server.address().port}/`,
    close: () => new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    }),
  };
}
