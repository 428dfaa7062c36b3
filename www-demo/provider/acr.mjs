/** How strongly one may have signed in: with a password, or with a password and a code (Authentication Context Class Reference). */
export const ACR = { password: "urn:valetkey:demo:password", confirmed: "urn:valetkey:demo:confirmed" };
