"""Public identifiers."""

import uuid

from uuid6 import uuid7


def public_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): unguessable enough for a URL that is also checked, and sorted by time."""
    return uuid.UUID(int=uuid7().int)
