import { launch } from "./drivers/firefox.mjs";
import { runIn } from "./scenarios.mjs";

runIn("Firefox", { launch, missing: process.env.FIREFOX ? "" : process.env.FIREFOX_MISSING || "FIREFOX names no Firefox" });
