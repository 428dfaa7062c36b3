import type { OidcErrorCode } from "./catalogue.js";

export type { OidcErrorCode };

/** What crosses the port of an error: no sentence, no hint, no secret. */
export interface ErrorData {
  code: OidcErrorCode;
  detail?: string;
  error?: string;
  errorDescription?: string;
}

/**
 * An error of Valetkey.
 *
 * `code` is stable and tells what happened; `message` says it in a sentence, `hint` what to do about it. None of them
 * ever holds a token, a code or any other secret, so an error may be logged as it is.
 */
export class OidcError extends Error {
  override readonly name = "OidcError";
  /** The stable, machine-readable name of what happened. */
  readonly code: OidcErrorCode;
  /** What to do about it, for the developer. */
  readonly hint: string;
  /** What is worth knowing beside the code: the name of a member, an HTTP status, a host. */
  readonly detail: string | undefined;
  /** `error` as the provider sent it, if it was the provider who refused (RFC 6749 §4.1.2.1, §5.2). */
  readonly error: string | undefined;
  /** `error_description` as the provider sent it: for people, filtered and bounded, but not to be trusted. */
  readonly errorDescription: string | undefined;

  /** @internal */
  constructor(data: ErrorData, sentence = data.code as string, hint = "", cause?: unknown) {
    // Without prototype: what is not said is not on `Object.prototype` either.
    const { code, detail, error, errorDescription } = { __proto__: null, ...data } as ErrorData;
    const about = errorDescription ?? detail;
    super(about ? `${sentence} (${about})` : sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.detail = detail;
    this.error = error;
    this.errorDescription = errorDescription;
  }
}

/** An error with its sentence and hint, which are fetched only now: few pages ever show one. */
export async function explained(data: ErrorData, cause?: unknown): Promise<OidcError> {
  let texts: readonly [string, string] | undefined;
  try {
    texts = (await import("./messages.js")).texts[data.code];
  } catch {
    // Offline, perhaps. The code says enough.
  }
  return new OidcError(data, texts?.[0], texts?.[1], cause);
}
