// The secrets of a run, each with a mark that is found wherever it goes.

import { randomBytes } from "node:crypto";

/** Answers a function that makes a secret of a kind. */
export function canaries() {
  const mark = `cnry${randomBytes(6).toString("hex")}`;
  const learned = new Map();
  let count = 0;
  const canary = (kind) => {
    count += 1;
    const value = `${mark}-${kind}-${count}-${randomBytes(12).toString("hex")}`;
    learned.set(value, kind);
    return value;
  };
  canary.mark = mark;
  canary.learn = (kind, value) => void learned.set(value, kind);
  /** Every secret so far, by its value. */
  canary.all = learned;
  return canary;
}
