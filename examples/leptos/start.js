import init from "/valetkey-example-leptos.js";

await init({ module_or_path: "/valetkey-example-leptos_bg.wasm" });
