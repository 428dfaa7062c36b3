// `npm run size`: what Valetkey makes a browser download, beside other libraries, each bundled for the same program.
//
//   --json     the numbers alone
//   --check    exit code 1 when over budget
//   --pkg DIR  another build of the package than pkg/

import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import {
  add, bundle, defaultPackage, esbuildVersion, isPackage, libraries, programFile, vaultFiles, version, weigh,
} from "./bundle.mjs";
import { table } from "./stats.mjs";

/** Brotli bytes. The aim is where we would like to be; the budget is what `--check` holds. */
export const budget = { shell: 4096, total: 45 * 1024, aim: 30 * 1024 };

/** Sizes of Valetkey: the shell, the vault, both; and the chunks a page may import later, by name. */
export async function weighValetkey(packageDirectory = defaultPackage) {
  const { shell, lazy } = await bundle(programFile("valetkey"), { packageDirectory });
  const [shellSize, vaultSize] = [weigh(shell), weigh(await vaultFiles(packageDirectory))];
  return {
    sizes: { shell: shellSize, vault: vaultSize, total: add(shellSize, vaultSize) },
    lazy: Object.fromEntries(
      [...lazy].map(([name, content]) => [name.replace(/-[^-]+\.js$/, ""), weigh(new Map([[name, content]]))]),
    ),
  };
}

/** The whole program with each of the other libraries, as one download. */
export async function weighPeers() {
  const peers = {};
  for (const library of Object.keys(libraries).filter((name) => name !== "valetkey")) {
    const { shell, lazy } = await bundle(programFile(library));
    peers[library] = weigh(new Map([...shell, ...lazy]));
  }
  return Object.fromEntries(Object.entries(peers).sort(([, a], [, b]) => a.brotli - b.brotli));
}

function printTable(valetkey, lazy, peers, packageDirectory) {
  const row = (name, of, { raw, gzip, brotli }) => [name, of ?? "-", raw, gzip, brotli];
  const own = version("valetkey", packageDirectory);
  const date = new Date().toISOString().slice(0, 10);
  console.log(`Bytes to download, ${date}, esbuild ${esbuildVersion}, Node ${process.versions.node}`);
  console.log("One program: configure, login redirect with PKCE, callback, claims, token with refresh, logout.\n");
  console.log(
    table(
      ["", "version", "raw", "gzip -9", "brotli 11"],
      [
        row("valetkey, page shell", own, valetkey.shell),
        row("valetkey, vault", own, valetkey.vault),
        row("valetkey, total", own, valetkey.total),
        ...Object.entries(lazy).map(([name, size]) => row(`  lazy: ${name}`, own, size)),
        ...Object.entries(peers).map(([name, size]) => row(describe[name] ?? name, version(name), size)),
      ],
    ),
  );
  console.log("\nThe shell is all a page downloads before it can show \"signed out\"; lazy files are not in the total.");
  const verdict = (size, limit) => `${size} of ${limit} B brotli: ${size <= limit ? "met" : "MISSED"}`;
  console.log(`Target, page shell: ${verdict(valetkey.shell.brotli, budget.shell)}`);
  console.log(`Target, shell and vault: ${verdict(valetkey.total.brotli, budget.total)}`);
  console.log(`Aim, shell and vault: ${verdict(valetkey.total.brotli, budget.aim)}`);
}

const describe = {
  "hand-written": "hand-written, no checks",
  "oauth4webapi": "oauth4webapi, with signature check",
};

export const withinBudget = ({ shell, total }) => shell.brotli <= budget.shell && total.brotli <= budget.total;

async function main() {
  const { values: options } = parseArgs({
    options: {
      json: { type: "boolean" },
      check: { type: "boolean" },
      pkg: { type: "string", default: defaultPackage },
    },
  });
  if (!isPackage(options.pkg)) {
    console.error(`There is no built package at ${options.pkg}: run \`npm run build\` first.`);
    process.exit(1);
  }
  const { sizes, lazy } = await weighValetkey(options.pkg);
  const peers = await weighPeers();
  if (options.json) console.log(JSON.stringify({ valetkey: sizes, peers }, null, 2));
  else printTable(sizes, lazy, peers, options.pkg);
  if (options.check && !withinBudget(sizes)) process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
