import init from "/valetkey-example-yew.js";

await init({ module_or_path: "/valetkey-example-yew_bg.wasm" });
