"""What brings one into a room: a code that is read aloud, and tokens that only a browser knows.

A code has as many digits as a class types without a mistake. It is no secret in its room, and nobody outside finds one
by guessing: 100 rooms are one in a million codes, and `app.room.rates` counts the wrong ones. A token is never guessed,
and a server keeps its digest only.
"""

import hashlib
import re
import secrets

DIGITS = 8
CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def new_code() -> str:
    """A code that says nothing about any other."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def new_token() -> str:
    """A key, or a seat: 256 bits in 43 letters."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
