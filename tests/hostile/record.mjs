// What a test found out and the page of results should say, beside that it passed: one line for an entry of the catalogue.

/** Writes a finding into the output of the test run, from where it goes to `docs/attacks.md`. */
export function record(test, id, finding) {
  test.diagnostic(`${id}: ${finding}`);
}
