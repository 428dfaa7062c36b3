// What src/browser/timer.rs has the browser do.

/** Resolves after so many milliseconds. */
export function sleep(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
