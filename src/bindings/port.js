// The pages' ends of a vault: commands in as JSON, replies and events out as JSON, see src/bindings/host.rs.
// Bodies, which are no JSON, stay on this side.
// Objects have no prototype and are read as such: in a page, a script may have put anything on that of all objects.

/** Bodies up to this size, in bytes, are sent at once with the headers: measured to be faster than a stream. */
const SMALL_BODY = 64 * 1024;

/** A vault and the pages that it serves. */
export class VaultHost {
  #ports = new Set();
  #receive;

  /** `receive` is called with each command. */
  serve(receive) {
    this.#receive = receive;
  }

  /** Called when the client of this vault signs out, with its tag. */
  onsignedout;

  signedOut(tag, revoke) {
    this.onsignedout?.(tag, revoke);
  }

  /** A command of nobody's port: what all vaults of the origin are told. It is not answered. */
  hear(command) {
    this.#receive(new Call(this.#ports, undefined, new Map()), written({ __proto__: null, ...command }));
  }

  tell(event) {
    for (const port of this.#ports) port.postMessage(JSON.parse(event));
  }

  /** Serves a page. */
  connect(port) {
    const aborts = new Map();
    port.postMessage({ __proto__: null, kind: "hello" });
    // Starts the port, too; what the page sent before is delivered now.
    port.onmessage = ({ data }) => {
      const { id, body, init, ...command } = { __proto__: null, ...data };
      this.#receive(new Call(this.#ports, port, aborts, id, body, init), written(command));
    };
    this.#ports.add(port);
  }
}

/** What cannot be written, such as an object that holds itself, is no command. */
function written(command) {
  try {
    return json(command);
  } catch {
    return "";
  }
}

/** By hand, since `JSON.stringify` calls whatever is called `toJSON`; of what is no object it asks nothing. */
function json(value) {
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  // Rust's strings hold no lone surrogates.
  if (typeof value === "string") return JSON.stringify(value.toWellFormed?.() ?? value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const given = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${given.map((name) => `${json(name)}:${json(value[name])}`).join()}}`;
}

/** A command: what of it is for the browser, and where the reply goes. */
class Call {
  #ports;
  #port;
  #aborts;
  #id;
  #body;
  #init;

  constructor(ports, port, aborts, id, body, init) {
    this.#ports = ports;
    this.#port = port;
    this.#aborts = aborts;
    this.#id = id;
    this.#body = body;
    this.#init = init;
  }

  get body() {
    return this.#body;
  }

  get init() {
    return this.#init;
  }

  answer(json) {
    this.reply(JSON.parse(json));
  }

  reply(message, transfer) {
    this.#port?.postMessage({ __proto__: null, ...message, id: this.#id }, transfer);
    // Of a stream the page says when it has its end.
    if (!(message.value?.body instanceof ReadableStream)) this.#aborts.delete(this.#id);
  }

  /** Hands a response to the page: a small body at once, a larger one as a stream where the engine can transfer one. */
  async respond(response, demand) {
    const length = response.headers.get("content-length");
    if (response.body && !(length && length <= SMALL_BODY) && this.#streamed(response, demand)) return;
    try {
      this.#pass(response, await response.arrayBuffer(), demand);
    } catch {
      // The connection broke while the body was on its way.
      this.reply({ __proto__: null, kind: "error", error: { __proto__: null, code: "provider_unreachable" } });
    }
  }

  /** A signal that aborts when the page takes the command back. */
  signal() {
    const controller = new AbortController();
    this.#aborts.set(this.#id, controller);
    return controller.signal;
  }

  abort() {
    this.#aborts.get(this.#id)?.abort();
    this.#aborts.delete(this.#id);
  }

  close() {
    this.#ports.delete(this.#port);
    this.#port.close();
  }

  /** Whether this engine transfers streams. */
  #streamed(response, demand) {
    try {
      this.#pass(response, response.body, demand);
      return true;
    } catch {
      return false;
    }
  }

  /** What the page makes a `Response` of. */
  #pass({ status, statusText, url, headers }, body, demand) {
    const value = { __proto__: null, status, statusText, url, headers: [...headers], body, demand: demand && JSON.parse(demand) };
    this.reply({ __proto__: null, kind: "value", value }, [body]);
  }
}
