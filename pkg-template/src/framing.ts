/** Whether a page of another origin is among those that frame this one (RFC 9700 §4.16). */
export function framedByStranger(): boolean {
  try {
    for (let frame: Window = window; frame !== frame.parent; frame = frame.parent) {
      if (frame.parent.location.origin !== location.origin) return true;
    }
    return false;
  } catch {
    // Only a page of this origin may be asked for its own.
    return true;
  }
}
