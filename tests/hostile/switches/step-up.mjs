// Switches of step-up (RFC 9470): an API that wants a stronger or a more recent sign-in, and what comes of it.

/**
 * The path `/<realm>/strong` of the API wants a token from such a sign-in; honestly, so that it is content afterwards. The
 * provider's ID tokens say how somebody signed in: as the request asked.
 */
export const stepUp = ({ acrValues = "urn:strong", maxAge } = {}) => ({
  claims: (honest, { authorization }) => ({ ...honest, acr: acrOf(authorization) }),
  apiAnswer(answer, { request, record, realm }) {
    if (request.path !== `/${realm.name}/strong` || answer.status !== 200) return answer;
    const { authorization } = record;
    const strong = acrValues === undefined || acrValues.split(" ").includes(acrOf(authorization));
    const recent = maxAge === undefined || Date.now() / 1000 - authorization.at <= maxAge;
    return strong && recent ? answer : challenged(answer, challengeOf(record, { acrValues, maxAge }));
  },
});

const acrOf = ({ acr_values: asked }) => asked?.split(" ")[0] ?? "urn:weak";

const challengeOf = ({ boundTo }, { acrValues, maxAge }) =>
  [`${boundTo ? "DPoP" : "Bearer"} error="insufficient_user_authentication"`, acrValues !== undefined && `acr_values="${acrValues}"`, maxAge !== undefined && `max_age="${maxAge}"`].filter(Boolean).join(", ");

const challenged = (answer, challenge, status = 401) => ({ ...answer, status, headers: { ...answer.headers, "www-authenticate": challenge }, body: "{}" });

/** Calls of a path below the realm are answered with this challenge, whoever calls; it may be a function of the call. */
export const challenge = (text, { path = "strong", status = 401 } = {}) => ({
  apiAnswer: (answer, context) => (context.request.path === `/${context.realm.name}/${path}` ? challenged(answer, typeof text === "function" ? text(context) : text, status) : answer),
});

/** The same, so many times; then the honest answer. */
export function challengeTimes(count, text, { path = "strong" } = {}) {
  let given = 0;
  return {
    apiAnswer(answer, { request, realm }) {
      if (request.path !== `/${realm.name}/${path}` || given === count) return answer;
      given += 1;
      return challenged(answer, text);
    },
  };
}
