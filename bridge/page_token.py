"""Whether the operator's page may be opened on an address: beyond loopback it needs a token."""

import re

from bridge.bus.address import is_loopback

TOKEN_LENGTH = 16
_TOKEN = re.compile(r"[A-Za-z0-9._~!-]+")  # it stands in an address and in a cookie


def refuse_unguarded(host: str, port: int, token: str) -> None:
    """ValueError says what was expected."""
    if not is_loopback(host) and len(token) < TOKEN_LENGTH:
        raise ValueError(
            f"the page would be open on {host}: expected a token of at least {TOKEN_LENGTH} characters, "
            f"got {len(token)}; or bind it to 127.0.0.1 and use `ssh -L {port}:127.0.0.1:{port}` from elsewhere"
        )
    if token and not _TOKEN.fullmatch(token):
        raise ValueError("the page's token: expected letters, digits and any of . _ ~ ! - only")
