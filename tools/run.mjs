// Starting other programs, their output passed on as it comes.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What a person can act on: shown as its message alone, without a stack. */
export class Failure extends Error {}

/**
 * Runs a program to its end and answers `{ code, output, answer }`, where `output` is all it wrote and `answer` what it
 * wrote to standard output; both are empty when they are not kept. Never throws for a failing program.
 * - `output`: `"inherit"` (the default) shows it, `"tee"` shows and keeps it, `"keep"` only keeps it, `"answer"` keeps the
 *   answer and shows the rest
 * - `env`: added to this process's environment; a member that is `undefined` is taken out of it
 * - `limit`: milliseconds after which the program is stopped, as having failed
 * - `onLine`: called with each whole line that is kept, and the program
 */
export function run(command, args, { cwd = root, env = {}, output = "inherit", limit = 0, onLine } = {}) {
  return new Promise((resolve) => {
    const environment = { ...process.env, ...env };
    for (const name of Object.keys(environment)) if (environment[name] === undefined) delete environment[name];

    const stdout = output === "inherit" ? "inherit" : "pipe";
    const stderr = output === "answer" ? "inherit" : stdout;
    const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", stdout, stderr] });
    let kept = "";
    let answer = "";
    let timedOut = false;
    const stop = () => {
      timedOut = true;
      child.kill();
    };
    const timer = limit > 0 ? setTimeout(stop, limit) : undefined;

    for (const [stream, target] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      if (stream === null) continue;
      let line = "";
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        kept += text;
        if (target === process.stdout) answer += text;
        if (output === "tee") target.write(text);
        if (onLine === undefined) return;
        const lines = (line + text).split("\n");
        line = lines.pop();
        lines.forEach((whole) => onLine(whole, child));
      });
    }
    const end = (code, words = "") => {
      clearTimeout(timer);
      resolve({ code, output: kept + words, answer });
    };
    child.on("error", (error) => end(127, `${error.message}\n`));
    child.on("close", (code) => end(code === null ? 1 : code));
    // A program that had to be stopped may leave others behind that keep its output open: it is not waited for.
    child.on("exit", () => timedOut && end(1, `Stopped after ${Math.round(limit / 1000)} s.\n`));
  });
}

/** Runs a program that has to succeed: its output is shown, and `complaint` is what is said when it does not. */
export async function must(complaint, command, args, options) {
  const { code } = await run(command, args, options);
  if (code !== 0) throw new Failure(complaint);
}

/** What a short program writes to standard output, or `undefined` when it fails or does not exist. */
export async function answerOf(command, args, options) {
  const { code, answer } = await run(command, args, { ...options, output: "keep" });
  return code === 0 ? answer.trim() : undefined;
}

/** The entry of a tool: ends the process with one line where a {@link Failure} says it all. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exit(1);
  }
}
