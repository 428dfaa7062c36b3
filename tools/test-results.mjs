// A reporter of node:test: a line of JSON for each test that passed or failed, `{ file, name, passed }`.

export default async function* testResults(events) {
  for await (const { type, data } of events) {
    const ended = type === "test:pass" || type === "test:fail";
    // A group fails with the tests in it.
    if (!ended || data.details?.type === "suite" || data.skip !== undefined) continue;
    yield `${JSON.stringify({ file: data.file, name: data.name, passed: type === "test:pass" })}\n`;
  }
}
