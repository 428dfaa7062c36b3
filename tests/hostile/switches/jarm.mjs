// Switches of the response as a JWT (JARM).

import { metadata } from "./metadata.mjs";

/** The provider offers every response mode. */
export const jarm = metadata((all) => {
  all.response_modes_supported = ["query", "fragment", "jwt", "query.jwt", "fragment.jwt"];
  all.authorization_signing_alg_values_supported = all.id_token_signing_alg_values_supported;
});

/** One member of the JWT of another value; `undefined` leaves it out. */
export const jarmClaim = (name, value) => ({
  jarmClaims(honest, context) {
    const { [name]: given, ...rest } = honest;
    const changed = typeof value === "function" ? value(given, context) : value;
    return changed === undefined ? rest : { ...rest, [name]: changed };
  },
});

export const jarmHeader = (members) => ({ jarmHeader: (honest) => ({ ...honest, ...members }) });

/** Signed in another way. */
export const jarmSigned = (sign) => ({ jarmSignature: (honest, context) => sign(context, honest) });

/** The compact JWS changed after it was signed. */
export const jarmText = (change) => ({ jarm: (compact, context) => change(compact, context) });

/** The response in another mode than the one that was asked for. */
export const inMode = (mode) => ({ responseMode: () => mode });
