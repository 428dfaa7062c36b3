// The memory of a page or a worker, as a debugger sees it (Chrome DevTools Protocol).

/** Every WebAssembly memory of a realm, as text. */
export async function memoriesOf(session) {
  const { result } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: result.objectId });
  const answer = await session.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    returnByValue: true,
    functionDeclaration: 'function () { return this.map(({ buffer }) => new TextDecoder("latin1").decode(buffer)); }',
  });
  return answer.result.value;
}

/** A heap snapshot, as text. Garbage has been collected. */
export async function snapshotOf(session) {
  const chunks = [];
  const take = ({ chunk }) => chunks.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", take);
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", take);
  return chunks.join("");
}

/** A debugger's session with the one worker of a browser whose script's URL matches. */
export async function workerSession(browser, pattern) {
  const root = await browser.newBrowserCDPSession();
  const { targetInfos } = await root.send("Target.getTargets", { filter: [{}] });
  const target = targetInfos.find(({ type, url }) => /worker/u.test(type) && pattern.test(url));
  if (!target) throw new Error(`no such worker: ${JSON.stringify(targetInfos.map(({ type, url }) => [type, url]))}`);
  // Not flattened: messages of another target are wrapped in messages of this session, which is all the driver passes on.
  const { sessionId } = await root.send("Target.attachToTarget", { targetId: target.targetId, flatten: false });
  const waiting = new Map();
  const listeners = new Map();
  let count = 0;
  root.on("Target.receivedMessageFromTarget", ({ sessionId: from, message }) => {
    if (from !== sessionId) return;
    const { id, method, params, result, error } = JSON.parse(message);
    if (id === undefined) return void listeners.get(method)?.(params);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  });
  return {
    on: (method, listener) => listeners.set(method, listener),
    off: (method) => listeners.delete(method),
    send(method, params = {}) {
      count += 1;
      const id = count;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        root.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) }).catch(reject);
      });
    },
  };
}
