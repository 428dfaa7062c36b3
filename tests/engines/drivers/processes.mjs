// Programs that end with the tests, however those end.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const temporaryDirectory = (name) => mkdtempSync(join(tmpdir(), `valetkey-${name}-`));

/** Waits until its input ends, which it does when this process has ended or been killed. What is asked first, as an X server, cleans up after itself. */
const KEEPER = `
cat > /dev/null
kill -s TERM -- "-$1"
for wait in 1 2 3 4 5 6 7 8 9 10; do kill -s 0 -- "-$1" && sleep 0.1; done
kill -s KILL -- "-$1"
rm -rf -- "$2"`;

/** Ends a program, which leads a process group of its own, with all that it has started, and takes its directory away. */
export function keepUntilTheEnd(child, directory = "") {
  const keeper = spawn("sh", ["-c", KEEPER, "sh", String(child.pid), directory], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  keeper.stdin.on("error", () => {});
  return {
    async end() {
      if (keeper.exitCode !== null) return;
      keeper.stdin.end();
      await once(keeper, "exit");
    },
  };
}
