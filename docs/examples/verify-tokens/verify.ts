// Reads a token of Keyward from standard input and prints the account that it speaks for; exits with 1 if it is no good.

import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from "jose";

const issuer = process.env["KEYWARD_URL"]; // The server's public URL. Its tokens are from it, and for it.
if (issuer === undefined) {
  throw new Error("KEYWARD_URL is not set");
}

// One for the whole process. It keeps the keys for as long as their Cache-Control says by default, and fetches them anew
// when a token names one that it has not seen.
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
  cacheMaxAge: 300_000,
  timeoutDuration: 5_000,
});

/** The claims of a good token. Throws for any other. */
async function verify(token: string): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: ["EdDSA", "ES256", "RS256"],
    typ: "at+jwt",
    issuer,
    audience: issuer,
    clockTolerance: 5, // Seconds by which clocks may differ.
    requiredClaims: ["sub", "iat", "nbf", "exp", "jti", "env", "account_id", "account_epoch"],
  });
  if (protectedHeader.kid === undefined) {
    throw new Error("the token names no key"); // The library would take the only one that fits.
  }
  return payload;
}

try {
  const claims = await verify(readFileSync(0, "utf8").trim());
  console.log(claims["account_id"]);
} catch (error) {
  console.error(`refused: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
