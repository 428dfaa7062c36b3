// How many tests a runner says have passed and failed.

/** The counts of nothing at all; counts are added by {@link sum}. */
export const none = { passed: 0, failed: 0, skipped: 0 };

export function sum(counts) {
  return counts.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    none,
  );
}

/** Of `cargo test`, natively or by wasm-bindgen-test-runner: one line for each test binary, which are added up. */
export function countOfCargo(output) {
  const line = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;
  return sum([...plain(output).matchAll(line)].map(([, passed, failed, skipped]) => ({ passed: +passed, failed: +failed, skipped: +skipped })));
}

/** Of `node --test`: the block it closes with, in its spec or its TAP form. What tests print may look the same, so the last counts. */
export function countOfNode(output) {
  const last = (word) => {
    const found = [...plain(output).matchAll(new RegExp(`^(?:ℹ|#) ${word} (\\d+)\\s*$`, "gm"))].pop();
    return found === undefined ? 0 : Number(found[1]);
  };
  // A cancelled test is one that did not come to its end.
  return { passed: last("pass"), failed: last("fail") + last("cancelled"), skipped: last("skipped") + last("todo") };
}

export const plain = (output) => output.replace(/\u001b\[[0-9;]*m/g, "").replace(/\r/g, "");
