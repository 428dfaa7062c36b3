// What wasm-bindgen makes of `src/bindings/host.rs`, as far as it is used. The build resolves the name.
declare module "#bindgen" {
  /** Added by the build: starts the module that these bytes are. */
  export function instantiate(bytes: ArrayBuffer): Promise<void>;
  /** What `src/bindings/port.js` has for the page. */
  export interface VaultHost {
    connect(port: MessagePort): void;
    hear(command: object): void;
    onsignedout?: (tag: string, revoke: boolean) => void;
  }
  export function vault(config: string, origin: string): VaultHost;
}

/** The hash of vault.wasm as SRI writes it, put in by the build. */
declare const WASM_INTEGRITY: string;
