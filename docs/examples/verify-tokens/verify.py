"""Reads a token of Keyward from standard input and prints the account that it speaks for; exits with 1 if it is no good."""

import os
import sys

import jwt

ISSUER = os.environ["KEYWARD_URL"]  # The server's public URL. Its tokens are from it, and for it.
ALGORITHMS = ["EdDSA", "ES256", "RS256"]
REQUIRED = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "env", "account_id", "account_epoch"]
LEEWAY = 5  # Seconds by which clocks may differ.

# One for the whole process. It keeps the keys for as long as their Cache-Control says by default, and fetches them
# anew when a token names one that it has not seen.
KEYS = jwt.PyJWKClient(ISSUER + "/.well-known/jwks.json", lifespan=300, timeout=5)


def verify(token):
    """The claims of a good token. Raises for any other."""
    key = KEYS.get_signing_key_from_jwt(token)
    if key.algorithm_name not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError("a key of another algorithm")
    decoded = jwt.decode_complete(
        token,
        key,
        algorithms=[key.algorithm_name],  # Of the key, never of the token.
        issuer=ISSUER,
        audience=ISSUER,
        leeway=LEEWAY,
        options={"require": REQUIRED},
    )
    if decoded["header"].get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    return decoded["payload"]


if __name__ == "__main__":
    try:
        claims = verify(sys.stdin.read().strip())
    except jwt.PyJWTError as error:
        sys.exit(f"refused: {error}")
    print(claims["account_id"])
