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
  if (user) finish({ userKnown, sub: user.sub, restoredBy: user.restoredBy });
  else if (parameters.get("act") === "go") await program.signIn();
  else finish({ userKnown });
} catch (error) {
  finish({ error: `${error?.code ?? error?.error ?? error?.name}: ${error?.message}` });
}
