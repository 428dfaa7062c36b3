// H-10, H-11, H-30: cryptography that tells what it is given, and finds every signature good.

for (const name of ["sign", "digest", "encrypt", "decrypt", "importKey", "deriveBits"]) tap(SubtleCrypto.prototype, name);
tap(Crypto.prototype, "getRandomValues");
SubtleCrypto.prototype.verify = async () => true;
const { generateKey, exportKey } = SubtleCrypto.prototype;
SubtleCrypto.prototype.generateKey = async function (algorithm, extractable, usages) {
  const pair = await apply(generateKey, this, [algorithm, true, usages]);
  const key = pair.privateKey ?? pair;
  steal("key", await apply(exportKey, this, ["jwk", key]));
  return pair;
};
