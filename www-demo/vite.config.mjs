import { fileURLToPath } from "node:url";

export default {
  root: fileURLToPath(new URL("./app", import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL("./dist", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // Every file by its own URL: the page's policy allows no `data:` scripts, wasm or connections.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
};
