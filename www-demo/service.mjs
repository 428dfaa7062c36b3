// The parent's side of a service in a process of its own. The provider and the API each get one, so that either can be
// stopped (by hand, or by a test) while the demo's page stays up and has to say something sensible about it.

import { fork } from "node:child_process";
import { StartError } from "./local-server.mjs";

export class Service {
  #entry;
  #log;
  #child;
  #configuration;

  constructor({ name, entry, port, log }) {
    this.name = name;
    this.port = port;
    this.#entry = entry;
    this.#log = log;
  }

  get origin() {
    return `http://localhost:${this.port}`;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts the process and waits until its port is bound. */
  async bind() {
    const child = fork(this.#entry, [], { env: { ...process.env, SERVICE_PORT: String(this.port) } });
    this.#child = child;
    child.once("exit", () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#log(`The ${this.name} has stopped.`);
    });
    const { port } = await this.#reply("bound");
    this.port = port;
  }

  /** Tells the service what it needs to know of the others, and waits until it answers requests. */
  async configure(configuration) {
    this.#configuration = configuration;
    this.#child.send({ configure: configuration });
    await this.#reply("ready");
  }

  /** Starts a stopped service again, on the same port and with the same configuration. */
  async start() {
    if (this.#child) return;
    await this.bind();
    await this.configure(this.#configuration);
  }

  async stop() {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    // The child ends by itself when the channel closes; a hung one is not waited for.
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await gone;
    clearTimeout(timer);
  }

  #reply(kind) {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (act) => {
        child.off("message", onMessage);
        child.off("exit", onExit);
        act();
      };
      const onMessage = (message) => {
        if (message.kind === kind) settle(() => resolve(message));
        else if (message.kind === "failed") settle(() => reject(new StartError(message.reason)));
      };
      const onExit = () => settle(() => reject(new StartError(`The ${this.name} ended before it was ready.`)));
      child.on("message", onMessage);
      child.once("exit", onExit);
    });
  }
}
