/**
 * Starts things at once, each by its name: `target[name]` is what it became. If one fails, the others are still there to
 * be stopped: a server that is forgotten would keep the test run from ever ending.
 */
export async function startAll(target, starts) {
  const started = Object.entries(starts).map(async ([name, start]) => (target[name] = await start()));
  const failed = (await Promise.allSettled(started)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}
