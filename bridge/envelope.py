"""What every message has: whom it is about and when it was true. `messages` has them all."""

from typing import Annotated

import msgspec

Subject = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
"""Who a message is about: a camera, a service, a wall. It is the second half of the topic."""


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What all messages share."""

    subject: Subject
    t_ns: int
    """When the thing was true (exposure, measurement), not when it was sent."""
