import { launch } from "./drivers/chromium.mjs";
import { runIn } from "./scenarios.mjs";

runIn("Chromium", { launch });
