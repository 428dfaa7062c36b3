// A reporter of node:test: a line of JSON for each test that failed, `{ file, name }`.

export default async function* failedTests(events) {
  for await (const { type, data } of events) {
    // A group fails with the tests in it.
    if (type === "test:fail" && data.details?.type !== "suite") yield `${JSON.stringify({ file: data.file, name: data.name })}\n`;
  }
}
