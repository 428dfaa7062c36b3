// A person at the demo's provider, without a browser: follows an authorization URL through login, confirmation and consent to the
// callback URL, which nobody has opened then.

/** `consent: false` denies. Answers the URL that the provider sends the browser back to. */
export async function callbackUrlFor(authorizationUrl, { username = "ada.lovelace", consent = true } = {}) {
  const { origin } = new URL(authorizationUrl);
  const jar = new CookieJar();
  let url = authorizationUrl;
  for (let step = 0; step < 12; step += 1) {
    if (new URL(url).origin !== origin) return url;
    const page = await visit(url, jar);
    if (page.location) {
      url = new URL(page.location, url).href;
      continue;
    }
    const asksForLogin = page.text.includes('name="username"');
    const asksForCode = page.text.includes('name="code"');
    const answer = asksForLogin || asksForCode || consent ? url : `${url}/abort`;
    const form = new URLSearchParams(asksForLogin ? { username, password: "x" } : asksForCode ? { code: "123456" } : {});
    const { location } = await visit(answer, jar, { method: "POST", body: form });
    url = new URL(location, url).href;
  }
  throw new Error(`The provider leads nowhere: ${url}`);
}

async function visit(url, jar, init = {}) {
  const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie: jar.header() } });
  jar.take(response.headers.getSetCookie());
  const text = await response.text();
  if (response.status >= 400) throw new Error(`${response.status} from ${url}: ${text.slice(0, 2000)}`);
  return { location: response.headers.get("location"), text };
}

/** One jar for one host; the paths of the provider's cookies do not matter here. */
class CookieJar {
  #cookies = new Map();

  take(lines) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/u.exec(line);
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  header() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
