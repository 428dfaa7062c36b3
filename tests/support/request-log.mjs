// Every request that an HTTP server of this process or of one of its children is sent, as lines in one file. Children load
// this module by NODE_OPTIONS; it is the only place from which requests of a SharedWorker are certainly seen.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VARIABLE = "VALETKEY_TEST_REQUEST_LOG";

if (process.env[VARIABLE]) record(process.env[VARIABLE]);

/** Starts the log. Servers that are started later, here or in children, write to it. */
export function startRequestLog() {
  const directory = mkdtempSync(join(tmpdir(), "valetkey-requests-"));
  const file = join(directory, "log");
  appendFileSync(file, "");
  process.env[VARIABLE] = file;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import ${import.meta.url}`.trim();
  const stop = record(file);
  return {
    since: (mark = 0) => new Requests(read(file).slice(mark)),
    mark: () => read(file).length,
    remove() {
      stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The requests of some span of time. */
export class Requests {
  constructor(all) {
    this.all = all;
  }

  /** Those to one path of an origin. OPTIONS, which asks for nothing, is left out. */
  to(origin, path) {
    const { port } = new URL(origin);
    return this.all.filter((request) => request.port === Number(port) && request.method !== "OPTIONS" && (path === undefined || request.path === path));
  }
}

function read(file) {
  return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

function record(file) {
  const append = ({ request }) => {
    const { pathname } = new URL(request.url, "http://any.invalid");
    appendFileSync(file, `${JSON.stringify({ port: request.socket.localPort, method: request.method, path: pathname })}\n`);
  };
  subscribe("http.server.request.start", append);
  return () => unsubscribe("http.server.request.start", append);
}
