// A slow network, made in the servers: a browser's own emulation reaches what the page requests, not what a worker does.
// One link stands between the browser and every server of a bench: each response is answered late, and the bytes of all
// responses share one rate.

const packetSize = 1460;

export class Link {
  /** Responses with bytes left to send; the link serves them in turn, a packet each. */
  #sending = [];
  #timer;
  #freeAt = 0;

  /** @param latency milliseconds before a request is answered; @param bytesPerSecond of all responses together */
  constructor({ latency = 0, bytesPerSecond = Infinity } = {}) {
    this.latency = latency;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** A request handler whose responses cross this link. */
  carry(handler) {
    if (this.latency === 0 && this.bytesPerSecond === Infinity) return handler;
    return (request, response) => {
      setTimeout(() => {
        if (this.bytesPerSecond !== Infinity) this.#holdBack(response);
        handler(request, response);
      }, this.latency);
    };
  }

  /** Makes `response.end(body)` send the body at the rate of the link. The handlers here send bodies no other way. */
  #holdBack(response) {
    const end = response.end.bind(response);
    response.end = (body) => {
      const bytes = Buffer.from(body ?? "");
      this.#sending.push({ response, end, bytes, sent: 0, owed: headerSize(response) });
      if (this.#timer === undefined) {
        this.#freeAt = performance.now();
        this.#sendNext();
      }
      return response;
    };
  }

  #sendNext() {
    const next = this.#sending.shift();
    if (!next) {
      this.#timer = undefined;
      return;
    }
    const packet = next.bytes.subarray(next.sent, next.sent + packetSize);
    next.sent += packet.length;
    // Reckoned from when the link was due to be free, not from now: a timer that fires late must not lower the rate.
    this.#freeAt += ((packet.length + next.owed) / this.bytesPerSecond) * 1000;
    next.owed = 0;
    this.#timer = setTimeout(() => {
      if (next.sent < next.bytes.length) {
        next.response.write(packet);
        this.#sending.push(next);
      } else {
        next.end(packet);
      }
      this.#sendNext();
    }, this.#freeAt - performance.now());
  }
}

const headerSize = (response) =>
  Object.entries(response.getHeaders()).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 19);

/** What Chrome's DevTools call "Slow 4G": 562.5 ms and 1.44 Mbit/s. */
export const slow4G = { latency: 562.5, bytesPerSecond: 1.44e6 / 8 };
