// The provider's people: anybody who types a name. The user name is the subject; the rest is derived from it.

const SUBJECT = /^[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?$/;

/**
 * The subject for a typed user name, or undefined where it cannot be one: a `sub` is ASCII (OpenID Connect Core §2), and
 * a hundred characters are plenty for a name.
 */
export function subjectOf(username) {
  const subject = String(username ?? "").trim();
  return SUBJECT.test(subject) ? subject : undefined;
}

/** The claims the provider knows about a subject, by scope. */
export function claimsOf(subject, scopes) {
  const claims = { sub: subject };
  if (scopes.has("profile")) {
    const [givenName, ...rest] = subject.split(/[\s._-]+/u).filter(Boolean).map(capitalised);
    const familyName = rest.join(" ");
    claims.name = [givenName, familyName].filter(Boolean).join(" ") || subject;
    if (givenName) claims.given_name = givenName;
    if (familyName) claims.family_name = familyName;
    claims.preferred_username = subject;
  }
  if (scopes.has("email")) {
    const mailbox = subject.toLowerCase().replace(/[^a-z0-9]+/gu, ".").replace(/^\.|\.$/gu, "") || "someone";
    claims.email = `${mailbox}@example.com`;
    claims.email_verified = false;
  }
  return claims;
}

function capitalised(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The account in oidc-provider's terms, for its option `findAccount`. */
export function findAccount(ctx, subject) {
  return {
    accountId: subject,
    claims: (use, scope) => claimsOf(subject, new Set(scope.split(" "))),
  };
}
