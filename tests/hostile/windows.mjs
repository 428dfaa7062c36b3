// The application with the package's static pages: sign-in by popup and in a hidden frame, and sign-out by the provider.

import { readFile } from "node:fs/promises";
import { policy } from "./app.mjs";
import { HOSTS, originOf } from "./network.mjs";

const directory = `${originOf(HOSTS.app)}/valetkey`;
export const CALLBACK_PAGE = `${directory}/callback.html`;
export const FRONT_CHANNEL_PAGE = `${directory}/frontchannel.html`;

/** The policy of a page that frames the provider. With `require-corp` it could frame only what says that it may be. */
export const FRAMING = {
  "content-security-policy": policy["content-security-policy"].replace("frame-src 'self'", `frame-src 'self' ${originOf(HOSTS.provider)} ${originOf(HOSTS.evil)}`),
  "cross-origin-embedder-policy": "unsafe-none",
};

/** Nothing that would cut a window off from the one that opened it. */
export const OPENER = { ...FRAMING, "cross-origin-opener-policy": "unsafe-none" };

/** The setting of a realm whose application has a `callbackUri`. */
export const withWindows = ({ options, headers, ...setting } = {}) => ({ ...setting, options: { callbackUri: CALLBACK_PAGE, ...options }, headers: { ...FRAMING, ...headers } });

/** Serves one of the package's pages under these headers. */
export async function servePage(lab, name, headers) {
  const body = await readFile(new URL(`../../pkg/${name}`, import.meta.url));
  lab.handlers[HOSTS.app].files.set(`/valetkey/${name}`, { body, headers });
}

/** Serves the front-channel page as its documentation says: the provider may frame it, and whoever else a test says. */
export const serveFrontChannel = (lab, framers = [HOSTS.provider, HOSTS.evil]) =>
  servePage(lab, "frontchannel.html", { "content-security-policy": `default-src 'none'; script-src 'self'; frame-ancestors 'self' ${framers.map(originOf).join(" ")}`, "cross-origin-opener-policy": "unsafe-none", "cross-origin-resource-policy": "cross-origin" });

/**
 * Clicks for a sign-in by popup; answers the window and what comes of it. The person is in the popup until the test says
 * otherwise: the driver has every page believe that it has the focus.
 */
export async function clickPopup(page, options = {}) {
  const opened = page.context().waitForEvent("page");
  const outcome = page.evaluate((given) => {
    document.hasFocus = () => window.attention === true;
    return window.outcome(() => window.client.signIn({ mode: "popup", ...given }));
  }, options).then(failure);
  outcome.catch(() => {});
  return { popup: await opened, outcome };
}

/** The person is back in this page. */
export const lookAt = (page) => page.evaluate(() => void (window.attention = true));

export const silently = (page, options = {}) => page.evaluate((given) => window.outcome(() => window.client.signIn({ mode: "silent", ...given })), options).then(failure);

/** What comes of a sign-in: `{ error }`, or nothing. */
const failure = ({ error }) => (error ? { error } : {});

/** The address of a frame is kept in the page's own resource timing: the request, with a state that is spent. */
export const FRAMED = { performance: ["state", "nonce"] };

export const session = (page) => page.evaluate(() => window.plainSession(window.client.session));

/** How many frames the page has. */
export const frames = (page) => page.evaluate(() => document.querySelectorAll("iframe").length);
