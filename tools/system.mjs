// The machine the tools run on: what is on PATH, and Debian's packages.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { answerOf, run } from "./run.mjs";

/** The path of a program on PATH, or `undefined`. */
export function onPath(name) {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return (process.env.PATH || "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, file))
    .find((path) => existsSync(path));
}

/** The `ID` and `ID_LIKE` of the Linux distribution, such as `["debian"]`; empty on other systems. */
export function distribution() {
  if (!existsSync("/etc/os-release")) return [];
  const lines = readFileSync("/etc/os-release", "utf8").split("\n");
  return ["ID", "ID_LIKE"].reduce((names, key) => {
    const line = lines.find((candidate) => candidate.startsWith(`${key}=`));
    return line === undefined ? names : names.concat(line.slice(key.length + 1).replace(/"/g, "").split(" "));
  }, []);
}

/** Installs Debian packages, as root or by a sudo that asks nothing. Answers whether they are there now. */
export async function aptInstall(packages) {
  if (onPath("apt-get") === undefined) return false;
  const root = typeof process.getuid === "function" && process.getuid() === 0;
  if (!root && (await answerOf("sudo", ["-n", "true"])) === undefined) return false;

  const apt = async (...arguments_) => {
    const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...arguments_];
    const whole = root ? command : ["sudo", "-n", ...command];
    return (await run(whole[0], whole.slice(1))).code === 0;
  };
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  // A list of packages may be missing (a fresh container) or too old to name files that still exist.
  return (await apt("update")) && (await install());
}
