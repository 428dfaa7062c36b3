// What wasm-bindgen makes of `src/bindings/host.rs`, as far as it is used. The build resolves the name.
declare module "#bindgen" {
  /** Added by the build: starts the module that these bytes are. */
  export function instantiate(bytes: ArrayBuffer): Promise<void>;
  export class VaultHost {
    constructor(config: string, origin: string);
    connect(port: MessagePort): void;
  }
}

/** The hash of vault.wasm as SRI writes it, put in by the build. */
declare const WASM_INTEGRITY: string;
