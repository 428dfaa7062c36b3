// What wasm-bindgen makes of `src/bindings/host.rs`, as far as it is used. The build resolves the name.
declare module "#bindgen" {
  export default function init(options: { module_or_path: string }): Promise<unknown>;
  export class VaultHost {
    constructor(config: string, origin: string);
    connect(port: MessagePort): void;
  }
}
