// What runs in the browser: an application that stays open, and what a bench asks of it. The html sets `bench`; `report` is
// a binding the bench puts into every page.

import { open } from "program";

const parameters = new URLSearchParams(location.search);
const finish = (outcome) => globalThis.report(JSON.stringify(outcome));

try {
  const program = open({ ...globalThis.bench, redirectUri: location.origin + location.pathname });
  const user = await program.user();
  const userKnown = performance.now();
  /** So many calls of the API at one moment, in milliseconds since 1970: how many succeeded, and why the others did not. */
  globalThis.callAtOnce = async (calls, moment) => {
    await new Promise((reached) => setTimeout(reached, moment - Date.now()));
    const outcome = { succeeded: 0, failures: {} };
    const call = async () => {
      try {
        const response = await program.call(globalThis.bench.api);
        if (!response.ok) throw new Error(`${response.status} from the API`);
        outcome.succeeded += 1;
      } catch (error) {
        const reason = error?.code ?? error?.error ?? error?.message;
        outcome.failures[reason] = (outcome.failures[reason] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: calls }, call));
    return { ...outcome, time: Date.now() - moment };
  };
  const answered = async (url, init) => {
    const response = await program.call(url, init);
    if (!response.ok) throw new Error(`${response.status} from the API`);
    return response;
  };
  const { api } = globalThis.bench;
  /** So many calls one after the other: the milliseconds of each. */
  globalThis.callInTurn = async (calls) => {
    const times = [];
    for (let call = 0; call < calls; call += 1) {
      const began = performance.now();
      await (await answered(api)).text();
      times.push(performance.now() - began);
    }
    return times;
  };
  /** So many at once, until the last has its answer. */
  globalThis.callTogether = async (calls) => {
    const began = performance.now();
    await Promise.all(Array.from({ length: calls }, async () => (await answered(api)).text()));
    return performance.now() - began;
  };
  /** So many bytes, each piece let go of when it is there. */
  globalThis.download = async (length) => {
    const began = performance.now();
    const reader = (await answered(`${api}bytes?${length}`)).body.getReader();
    let left = length;
    for (let step = await reader.read(); !step.done; step = await reader.read()) left -= step.value.length;
    if (left !== 0) throw new Error(`${left} bytes are missing`);
    return performance.now() - began;
  };
  globalThis.upload = async (length) => {
    const body = new Uint8Array(length);
    const began = performance.now();
    const received = Number(await (await answered(`${api}bytes`, { method: "POST", body })).text());
    if (received !== length) throw new Error(`${received} bytes arrived`);
    return performance.now() - began;
  };
  if (user) finish({ userKnown, sub: user.sub, restoredBy: user.restoredBy });
  else if (parameters.get("act") === "go") await program.signIn();
  else finish({ userKnown });
} catch (error) {
  finish({ error: `${error?.code ?? error?.error ?? error?.name}: ${error?.message}` });
}
