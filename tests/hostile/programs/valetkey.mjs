// The program that every library is attacked in: finish a sign-in, sign in, call an API, have the token renewed. A client
// in a variable that a script can find, as it finds it in the state of any framework. This one: Valetkey.

import { createOidcClient } from "/valetkey/index.js";

export function open({ options }) {
  const client = createOidcClient(options);
  return {
    client,
    async user() {
      const session = await client.ready();
      if (session.error) throw session.error;
      return session.status === "signed-in" ? session.claims : null;
    },
    signIn: () => client.signIn(),
    call: (url) => client.fetch(url),
    // There is no method for it: the vault renews what has expired when it is next needed.
    renew: () => client.userInfo(),
  };
}
