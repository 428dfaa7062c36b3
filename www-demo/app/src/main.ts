import "../../theme.css";
import "./styles/page.css";
import "./styles/session.css";
import "./styles/answer.css";
import "./styles/steps.css";
import { createOidcClient, type OidcClient, type Session, type SignInOptions } from "valetkey";
import { clearAlert, showAlert } from "./alert-view";
import { hideAnswer, showAnswer } from "./answer-view";
import { type DemoConfig, loadConfig } from "./config";
import { type Errand, leaveFor, showParties } from "./departure";
import { byId } from "./elements";
import { apiUnreachable, failedSignIn, type Message, messageOf, refusalOf } from "./messages";
import { say, showSession } from "./session-view";
import { followSteps } from "./steps-view";

/** The way to the provider, once the library has asked for it. */
let departure: Promise<Message> | undefined;
let errand: Errand = "sign-in";

async function start(): Promise<void> {
  const config = await loadConfig();
  const oidc = createOidcClient({
    issuer: config.issuer,
    clientId: config.clientId,
    scope: "openid profile email accounts:read",
    resources: [config.api],
    postLogoutRedirectUri: `${location.origin}/`,
    callbackUri: `${location.origin}/callback.html`,
    // An API may want a stronger sign-in for some of its routes. The buttons here are what asks for them, so nobody is surprised.
    stepUp: () => "popup",
    navigate: (url) => {
      departure = leaveFor(url, config.issuer, errand);
    },
  });

  showParties(config.issuer, config.api);
  void followSteps(oidc);
  const render = renderer();
  oidc.subscribe(render);
  wire(oidc, config);
  render(await oidc.ready());
}

/** Shows each state of the session, and once the error it may carry. */
function renderer(): (session: Session) => void {
  let lastError: string | undefined;
  return (session) => {
    if (session.status === "loading") return;
    const signedIn = session.status === "signed-in";
    showSession(session);
    if (!signedIn) hideAnswer();
    const { error } = session;
    const saying = error && `${error.code}: ${error.message}`;
    if (error && saying !== lastError) showAlert(failedSignIn(error, signedIn));
    lastError = saying;
  };
}

function wire(oidc: OidcClient, config: DemoConfig): void {
  onClick("sign-in", "The sign-in could not start.", async () => {
    say("Going to the provider …");
    errand = "sign-in";
    await oidc.signIn(chosen(config));
  });
  onClick("sign-in-popup", "The sign-in did not work as it should.", async () => {
    // First of all: browsers open a window for a click alone.
    const signedIn = oidc.signIn({ ...chosen(config), mode: "popup" });
    say("Waiting for the popup …");
    await signedIn;
  });
  onClick("sign-out", "The sign-out did not work as it should.", async () => {
    errand = "sign-out";
    await oidc.signOut();
  });
  onClick("call-api", "The API was not called.", () => callApi(oidc, config, "me"));
  onClick("call-transfers", "The transfers were not shown.", () => callApi(oidc, config, "transfers"));
  onClick("call-admin-api", "The API was not called.", () => callApi(oidc, config, "admin"));
  onClick("load-profile", "The profile could not be loaded.", async () => {
    const body = await oidc.userInfo();
    const remark = "Asked for with the access token; checked to be about the subject of the ID token.";
    showAnswer({ from: "The provider’s UserInfo", request: "GET the UserInfo endpoint", body, remark });
  });

  // Back from the provider with the browser's own button, which may bring this page back as it was left.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });

  /** One action at a time, and whatever goes wrong is said. */
  function onClick(id: string, failure: string, act: () => Promise<void>): void {
    const button = byId<HTMLButtonElement>(id);
    button.addEventListener("click", async () => {
      clearAlert();
      button.disabled = true;
      try {
        departure = undefined;
        await act();
        const message = await departure;
        if (message) {
          showAlert(message);
          showCurrent(oidc);
        }
      } catch (error) {
        showAlert(messageOf(error, failure));
        showCurrent(oidc);
      } finally {
        button.disabled = false;
      }
    });
  }
}

function showCurrent({ session }: OidcClient): void {
  if (session.status !== "loading") showSession(session);
}

async function callApi(oidc: OidcClient, config: DemoConfig, route: string): Promise<void> {
  const url = `${config.api}${route}`;
  const request = `GET ${url}`;
  let response: Response;
  try {
    response = await oidc.fetch(url);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // `fetch` says no more than this about the network.
    showAlert(apiUnreachable(config.api));
    return;
  }
  const body = await bodyOf(response);
  showAnswer({ from: "The API’s answer", request, status: response.status, body, remark: remarkOn(body) });
  if (!response.ok) showAlert(refusalOf(response, body));
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function remarkOn(body: unknown): string | undefined {
  const { verifiedBy, scheme, acr } = (body ?? {}) as { verifiedBy?: unknown; scheme?: unknown; acr?: unknown };
  const remarks = [VERIFIED.get(verifiedBy), SCHEMES.get(scheme), acr ? "It was shown for a sign-in with password and code, of the last five minutes." : undefined];
  return remarks.filter(Boolean).join(" ") || undefined;
}

const VERIFIED: ReadonlyMap<unknown, string> = new Map([
  ["jwt", "The access token was a JWT: the API verified its signature, issuer, audience, expiry and scope by itself."],
  ["introspection", "The access token was opaque: the API asked the provider what it stands for (introspection)."],
]);

const SCHEMES: ReadonlyMap<unknown, string> = new Map([
  ["DPoP", "It came by DPoP, with a proof for this one call by the key that the token is bound to."],
  ["Bearer", "It came as a bearer token, which anybody could have sent who had it."],
]);

function chosen(config: DemoConfig): SignInOptions {
  return chosenFormat() === "opaque" ? { extraParams: { resource: config.opaqueResource } } : {};
}

function chosenFormat(): string | undefined {
  return document.querySelector<HTMLInputElement>('input[name="token-format"]:checked')?.value;
}

start().catch((error: unknown) => {
  say("The demo could not start");
  showAlert(messageOf(error, "The demo could not start."));
});
