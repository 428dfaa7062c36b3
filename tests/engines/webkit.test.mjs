import { launch } from "./drivers/webkit.mjs";
import { runIn } from "./scenarios.mjs";

runIn("WebKit", { launch, missing: process.env.WEBKIT_DRIVER ? "" : process.env.WEBKIT_MISSING || "WEBKIT_DRIVER names no driver" });
