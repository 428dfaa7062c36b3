// The pages' ends of a vault: commands in as JSON, replies and events out as JSON, see src/bindings/host.rs.
// Bodies, which are no JSON, stay on this side.
// Objects have no prototype and are read as such: in a page, a script may have put anything on that of all objects.

/** Bodies up to this size, in bytes, go with the headers: measured to be faster than piece by piece. */
const SMALL_BODY = 64 * 1024;

/** How long, in milliseconds, the headers wait for a body that may be one. */
const PATIENCE = 10;

/** So many bytes of a larger one are on their way to the page, or there and not yet read, at any time. */
const AHEAD = 1024 * 1024;

/** A vault and the pages that it serves. */
export class VaultHost {
  #ports = new Set();
  #receive;
  #untold = [];
  #telling;

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
    this.#receive(new Call(this, undefined, new Map()), written({ __proto__: null, ...command }));
  }

  /** Tells every page. A step of the trace waits until there is time: nobody's answer waits for it. */
  tell(event) {
    const message = JSON.parse(event);
    this.#untold.push(message);
    if (message.kind !== "trace") this.tellAll();
    else this.#telling ??= setTimeout(() => this.tellAll());
  }

  /** What there is to tell, in the order in which it happened. */
  tellAll() {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    for (const message of this.#untold.splice(0)) for (const port of this.#ports) port.postMessage(message);
  }

  /** Serves a page. */
  connect(port) {
    const aborts = new Map();
    // Where the engine says so, also of a page that crashed.
    port.onclose = () => this.leave(port, aborts);
    port.postMessage({ __proto__: null, kind: "hello" });
    // Starts the port, too; what the page sent before is delivered now.
    port.onmessage = ({ data }) => {
      const { id, body, init, ...command } = { __proto__: null, ...data };
      const form = Array.isArray(body) ? formed(body) : body;
      this.#receive(new Call(this, port, aborts, id, form, init), form === null ? "" : written(command));
    };
    this.#ports.add(port);
  }

  /** A page has gone. What it asked for is wanted no longer, but for what is to outlive it. */
  leave(port, aborts) {
    this.#ports.delete(port);
    port.close();
    for (const { controller, keepalive } of aborts.values()) if (!keepalive) controller.abort();
  }
}

/** A form, of which no copy can be sent: its files are in its entries by reference. `null` where these are none. */
function formed(entries) {
  const form = new FormData();
  try {
    for (const [name, value] of entries) {
      if (value instanceof Blob) form.append(name, value, value.name);
      else form.append(name, value);
    }
    return form;
  } catch {
    return null;
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
  #host;
  #port;
  #aborts;
  #id;
  #body;
  #init;

  constructor(host, port, aborts, id, body, init) {
    this.#host = host;
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
    this.#aborts.delete(this.#id);
    this.#host.tellAll();
    this.#reply(JSON.parse(json));
  }

  #reply(message, transfer) {
    this.#port?.postMessage({ __proto__: null, ...message, id: this.#id }, transfer);
  }

  /** Hands a response to the page: a small body with the headers, a larger one, or one that takes its time, piece by piece. */
  async respond(response, demand) {
    const { status, statusText, type, url, headers } = response;
    const value = { __proto__: null, status, statusText, type, url, headers: [...headers], demand: demand && JSON.parse(demand) };
    const reader = response.body?.getReader();
    const { pieces, next } = reader ? await begun(reader) : { pieces: [] };
    if (next) {
      const { port1, port2 } = new MessageChannel();
      this.#reply({ __proto__: null, kind: "value", value: { ...value, rest: port2 } }, [port2]);
      await send(port1, pieces, next, reader, () => this.abort());
    } else {
      const body = joined(pieces);
      this.#reply({ __proto__: null, kind: "value", value: { ...value, body } }, [body]);
    }
    this.#aborts.delete(this.#id);
  }

  /** A signal that aborts when the page takes the command back, or goes. */
  signal() {
    const controller = new AbortController();
    this.#aborts.set(this.#id, { controller, keepalive: this.#init?.keepalive === true });
    return controller.signal;
  }

  abort() {
    this.#aborts.get(this.#id)?.controller.abort();
    this.#aborts.delete(this.#id);
  }

  close() {
    this.#host.leave(this.#port, this.#aborts);
  }
}

/**
 * What there is of a body before the page is kept waiting: all of it if it is small, else also what will come next. What
 * its headers say of its length is not what counts: it may be compressed, or come in an hour.
 */
async function begun(reader) {
  const pieces = [];
  let length = 0;
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
  try {
    for (;;) {
      const next = reader.read();
      // One that breaks off has had its headers all the same.
      const step = await Promise.race([next.catch(() => {}), late]);
      if (!step) return { pieces, next };
      if (step.done) return { pieces };
      pieces.push(step.value);
      length += step.value.length;
      if (length > SMALL_BODY) return { pieces, next: reader.read() };
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a body on a port of its own, see `Piece` in pkg-template/src/port.ts. `abort`: ends the request. */
async function send(port, pieces, next, reader, abort) {
  let ahead = 0;
  let wake;
  const leave = () => {
    abort();
    ahead = -Infinity;
    wake?.();
  };
  port.onclose = leave;
  port.onmessage = ({ data }) => {
    if (data === null) return leave();
    ahead -= data;
    wake?.();
  };
  const give = (piece) => {
    ahead += piece.length;
    // An engine may have put several pieces into one buffer.
    const whole = piece.length === piece.buffer.byteLength ? piece : piece.slice();
    if (piece.length > 0) port.postMessage(whole, [whole.buffer]);
  };
  let complete = false;
  try {
    pieces.forEach(give);
    for (;;) {
      const { done, value } = await next;
      if ((complete = done)) break;
      give(value);
      while (ahead >= AHEAD) await new Promise((resolve) => (wake = resolve));
      next = reader.read();
    }
  } catch {
    // It broke off, or is wanted no longer.
  }
  port.postMessage(complete);
  port.close();
}

function joined(pieces) {
  if (pieces.length === 1 && pieces[0].length === pieces[0].buffer.byteLength) return pieces[0].buffer;
  const body = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body.buffer;
}
