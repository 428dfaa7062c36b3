// The servers of one network: an application's site and a provider, behind one link.

import { bundle, pageFile, programFile, vaultFiles } from "./bundle.mjs";
import { Link } from "./link.mjs";
import { clientId, startProvider } from "./provider.mjs";
import { Assets, startSite } from "./site.mjs";

/** Where the metadata comes from: asked of the provider, which is what an application does by default, or given. */
export const flavours = ["discovery", "static"];

/**
 * What is measured. The second Valetkey page tells the browser of the vault's files in its html, as the README advises;
 * it is the same program.
 */
export const subjects = {
  "hand-written": { library: "hand-written" },
  "oauth4webapi": { library: "oauth4webapi" },
  "oidc-client-ts": { library: "oidc-client-ts" },
  "valetkey": { library: "valetkey", hints: false },
  "valetkey, preloaded": { library: "valetkey", hints: true },
};

export const pagePath = (subject, flavour) => `/${subject.replace(/\W+/g, "-")}/${flavour}/`;

/** Bundles the program of every library once; the worlds share the result. */
export async function prepare(libraries, packageDirectory) {
  const assets = new Assets();
  const scripts = {};
  for (const library of libraries) {
    const built = await bundle(pageFile, { packageDirectory, program: programFile(library) });
    for (const [name, content] of [...built.shell, ...built.lazy]) assets.add(`/${library}/${name}`, content);
    scripts[library] = [...built.shell.keys()].map((name) => `/${library}/${name}`);
  }
  const vault = { scripts: [], wasm: [] };
  if (libraries.includes("valetkey")) {
    for (const [path, content] of await vaultFiles(packageDirectory)) {
      const url = assets.add(`/valetkey/${path}`, content);
      (url.endsWith(".wasm") ? vault.wasm : vault.scripts).push(url);
    }
  }
  return { assets, scripts, vault };
}

/** @param prepared what `prepare` made; @param network the arguments of `Link` */
export async function startWorld({ prepared, network = {} }) {
  const link = new Link(network);
  const site = await startSite({ link, assets: prepared.assets });
  const cases = Object.keys(subjects)
    .filter((subject) => prepared.scripts[subjects[subject].library])
    .flatMap((subject) => flavours.map((flavour) => ({ subject, flavour })));
  const provider = await startProvider({
    link,
    redirectUris: cases.map(({ subject, flavour }) => site.origin + pagePath(subject, flavour)),
  });
  const { issuer } = provider;
  for (const { subject, flavour } of cases) {
    const settings = {
      issuer,
      clientId,
      api: `${site.origin}/api/`,
      ...(flavour === "static" && { metadata: metadata(issuer) }),
      ...(subjects[subject].library === "valetkey" && { vaultUrl: `${site.origin}/valetkey/vault.js` }),
    };
    site.page(pagePath(subject, flavour), html(settings, prepared, subjects[subject]));
  }
  return {
    issuer,
    log: provider.log,
    announces: provider.announces,
    url: (subject, flavour, query) => `${site.origin}${pagePath(subject, flavour)}?${new URLSearchParams(query)}`,
    close: () => Promise.all([site.close(), provider.close()]),
  };
}

/** As much of the provider's metadata as an application would write into its settings. */
const metadata = (issuer) => ({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  userinfo_endpoint: `${issuer}/me`,
  end_session_endpoint: `${issuer}/session/end`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  code_challenge_methods_supported: ["S256"],
  token_endpoint_auth_methods_supported: ["none"],
  authorization_response_iss_parameter_supported: true,
});

function html(settings, { scripts, vault }, { library, hints }) {
  const [entry, ...imported] = scripts[library];
  const preloads = [
    ...imported.map((url) => `<link rel="modulepreload" href="${url}">`),
    ...(hints ? vault.scripts.map((url) => `<link rel="preload" as="script" href="${url}">`) : []),
    ...(hints ? vault.wasm.map((url) => `<link rel="preload" as="fetch" crossorigin href="${url}">`) : []),
  ];
  return `<!doctype html>
<meta charset="utf-8">
<title>${library}</title>
<link rel="icon" href="data:,">
${preloads.join("\n")}
<script>bench = ${JSON.stringify(settings)}</script>
<script type="module" src="${entry}"></script>
`;
}
