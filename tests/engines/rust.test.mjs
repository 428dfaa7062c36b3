// The same scenarios once more, with the client for Rust front ends in place of the JavaScript one.

import { buildFace } from "../../tools/build/face.mjs";
import { launch } from "./drivers/chromium.mjs";
import { runIn } from "./scenarios.mjs";

await buildFace();
runIn("Rust in Chromium", { launch, face: "rust" });
