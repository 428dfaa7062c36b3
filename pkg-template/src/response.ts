// What `client.fetch` resolves to: a `Response` whose body comes from the vault.

import type { Piece, ResponseData } from "./port.js";

/** Statuses whose response has no body, not even an empty one (Fetch standard, null body status). */
const NULL_BODY = [101, 103, 204, 205, 304];

/** So many bytes that were read are reported at once, to an end that stays a megabyte ahead. */
const REPORT = 256 * 1024;

/** Why a body ended before its end, if the application ended it. */
export interface Failure {
  reason?: unknown;
}

/** A plain object without what a script may have added to `Object.prototype`. */
const own = <T extends object>(value: T): T => ({ __proto__: null, ...value });

/**
 * The constructor of `Response` takes no URL and no type, and tells of a body that was ended by a `TypeError` of its own;
 * applications rely on what `fetch` makes of all three.
 */
export class Answer extends Response {
  readonly #data: ResponseData;
  readonly #failure: Failure;

  constructor(data: ResponseData, method: string, body: BodyInit | null, failure: Failure) {
    const { status, statusText, headers } = data;
    // There are servers that answer 999; the constructor takes no such status.
    const usual = status >= 200 && status <= 599;
    super(method === "HEAD" || NULL_BODY.includes(status) ? null : body, own({ status: usual ? status : 200, statusText, headers }));
    this.#data = data;
    this.#failure = failure;
  }

  override get status(): number {
    return this.#data.status;
  }

  override get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  override get url(): string {
    return this.#data.url;
  }

  override get type(): ResponseType {
    return this.#data.type;
  }

  override clone(): Response {
    // What the engine makes of it has the other half of the body, and a plain class.
    return new Answer(this.#data, "", super.clone().body, this.#failure);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(() => super.arrayBuffer());
  }

  override blob(): Promise<Blob> {
    return this.#read(() => super.blob());
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read(() => super.bytes());
  }

  override formData(): Promise<FormData> {
    return this.#read(() => super.formData());
  }

  override json(): Promise<unknown> {
    return this.#read(() => super.json());
  }

  override text(): Promise<string> {
    return this.#read(() => super.text());
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    // One that was read before is refused for that.
    const again = this.bodyUsed || this.body?.locked;
    try {
      return await read();
    } catch (error) {
      throw !again && "reason" in this.#failure ? this.#failure.reason : error;
    }
  }
}

/** A body that is there whole, as a stream that an abort can still end. */
export function arrived(content: ArrayBuffer, signal: AbortSignal, ended: () => void): ReadableStream {
  const pieces = [new Uint8Array(content), true];
  return stream({ next: async () => pieces.shift()!, end() {} }, signal, ended);
}

/** A body as it comes. `lost`: what aborts with the vault that it comes from. */
export function arriving(port: MessagePort, signal: AbortSignal | undefined, ended: () => void, lost: Promise<AbortSignal | undefined>): ReadableStream {
  return stream(received(port, lost), signal, ended);
}

/**
 * Bodies that nobody holds any longer: their requests end, or they would keep a connection each. What is watched is the
 * source, which lives as long as its stream; the object that stands for a stream in JavaScript may go before it.
 */
const unread = new FinalizationRegistry<Pieces>((pieces) => pieces.end());

interface Pieces {
  next(): Promise<Piece>;
  end(): void;
}

/** What comes on a port, in turn. It must not hold what is made of it: that could never be found unread. */
function received(port: MessagePort, lost: Promise<AbortSignal | undefined>): Pieces {
  const pieces: Piece[] = [];
  let wake = (): void => {};
  let taken = 0;
  const push = (piece: Piece): void => {
    pieces.push(piece);
    wake();
  };
  port.onmessage = ({ data }: MessageEvent<Piece>) => push(data);
  // The vault's end is gone with the vault. Not every engine says so.
  const over = new AbortController();
  const broken = (): void => push(false);
  port.addEventListener("close", broken);
  void lost.then((end) => {
    end?.addEventListener("abort", broken, own({ signal: over.signal }));
    if (end?.aborted) broken();
  });
  return {
    async next() {
      if (pieces.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      wake = () => {};
      const piece = pieces.shift()!;
      if (typeof piece === "object" && (taken += piece.length) >= REPORT) {
        port.postMessage(taken);
        taken = 0;
      }
      if (typeof piece !== "object") over.abort();
      return piece;
    },
    end() {
      over.abort();
      port.postMessage(null);
      port.close();
    },
  };
}

function stream(pieces: Pieces, signal: AbortSignal | undefined, ended: () => void): ReadableStream {
  const source = {
    __proto__: null,
    type,
    start(controller: ReadableByteStreamController) {
      signal?.addEventListener("abort", () => {
        controller.error(signal.reason);
        pieces.end();
      });
    },
    async pull(controller: ReadableByteStreamController) {
      const piece = await pieces.next();
      if (typeof piece === "object") return controller.enqueue(piece);
      ended();
      if (!piece) throw new TypeError("network error");
      controller.close();
      // Who reads into a buffer of its own is told by this.
      controller.byobRequest?.respond(0);
    },
    cancel() {
      ended();
      pieces.end();
    },
  };
  unread.register(source, pieces);
  return new ReadableStream(source as unknown as UnderlyingDefaultSource, own(source.type ? {} : { highWaterMark: 0 }));
}

/** As the body of `fetch` is: it can be read into a buffer of the reader's. Not every engine has such streams. */
let type: "bytes" | undefined;
try {
  new ReadableStream(own({ type: "bytes" as const }));
  type = "bytes";
} catch {
  // Read piece by piece alone.
}
