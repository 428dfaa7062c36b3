// Switches of UserInfo.

import { signature } from "../keys.mjs";

const encoded = (members) => Buffer.from(JSON.stringify(members)).toString("base64url");

/** UserInfo as a signed JWT (OpenID Connect Core §5.3.2), with other members, key or signature than the right ones. */
export const signedUserInfo = ({ header = {}, claims = {}, by, signature: given } = {}) => ({
  userInfoAnswer(answer, { realm }) {
    if (answer.status !== undefined && answer.status !== 200) return answer;
    const first = encoded({ alg: realm.alg, kid: realm.keyId, ...header });
    const second = encoded({ iss: realm.issuer, aud: realm.clientId, ...JSON.parse(answer.body), ...claims });
    const input = `${first}.${second}`;
    const signed = given ?? signature(realm.alg, by ?? realm.key, input).toString("base64url");
    return { ...answer, headers: { ...answer.headers, "content-type": "application/jwt" }, body: `${input}.${signed}` };
  },
});
