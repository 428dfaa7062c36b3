// vault.wasm, the package's own module.

import { instantiate, vault } from "#bindgen";
import { fetchIntact } from "./intact.js";
import type { MakeVault } from "./serve.js";

/** Compiled from the bytes: none of them is to be had before all were checked, so nothing could be compiled on the way. */
export async function load(wasm: string): Promise<MakeVault> {
  const response = await fetchIntact(wasm, WASM_INTEGRITY, "vault.wasm");
  await instantiate(await response.arrayBuffer());
  return vault;
}
