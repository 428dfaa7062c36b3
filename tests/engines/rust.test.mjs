// The same scenarios once more, with the client for Rust front ends in place of the JavaScript one.

import { launch } from "./drivers/chromium.mjs";
import { runIn } from "./scenarios.mjs";

runIn("Rust in Chromium", { launch, face: "rust" });
