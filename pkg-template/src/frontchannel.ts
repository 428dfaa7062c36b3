// The page that a provider loads in a frame when it has signed the user out (OpenID Connect Front-Channel Logout 1.0). It
// hands what it was told to the vaults of this origin, which compare it with their sessions. It loads nothing else.

const query = new URLSearchParams(location.search);
const [iss, sid] = ["iss", "sid"].map((name) => {
  const values = query.getAll(name);
  return values.length === 1 ? values[0] : undefined;
});
// Both or neither (§2); and without them, whoever frames this page could sign everybody out.
if (iss && sid) new BroadcastChannel("valetkey").postMessage({ providerSignedOut: { iss, sid } });
