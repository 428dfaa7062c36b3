// What a test found out and the page of results should say, beside that it passed: one line for an entry of the catalogue.

import { appendFileSync } from "node:fs";

/** Writes a finding down for `docs/attacks.md`, where the run collects them, and shows it in the test's output. */
export function record(test, id, finding) {
  test.diagnostic(`${id}: ${finding}`);
  const file = process.env.VALETKEY_FINDINGS;
  if (file) appendFileSync(file, `${JSON.stringify({ id, finding })}\n`);
}
