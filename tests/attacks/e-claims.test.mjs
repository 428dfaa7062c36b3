// ATTACKS group E, the claims: an ID token that the provider signed with its own key, and that is nevertheless not ours.

import { accepted, attacks, refused } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { claim, claims, now } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const refuse = (id, what, code, ...defects) => refused(lab, id, what, { defects, code });

attacks("claims", () => {
  accepted(lab, "E-00", "an ID token as it should be");

  for (const [what, value] of Object.entries({ missing: undefined, different: (nonce) => `${nonce}1`, "an array of the right one": (nonce) => [nonce], "a number": 1, empty: "", null: null })) {
    refuse("E-01", `nonce ${what}`, what === "different" || what === "missing" || what === "empty" ? "nonce_mismatch" : "member_invalid", claim("nonce", value));
  }
});
