"""Performers to tools that have no plugin: VMC's bones and Live Link Face's shapes, by UDP."""

from collections.abc import Sequence

from bridge.clock import NS_PER_S, Clock
from bridge.messages import FaceShapes, Message, SkeletonDefinition, SkeletonPose
from bridge.stage_capture import PeopleTarget
from bridge.udp import Sender
from capture.live import avatars

PORTS = {"vmc": 39539, "live_link_face": 11111}


class Avatars:
    """Who hears of whom."""

    def __init__(self, targets: Sequence[PeopleTarget], performers: Sequence[str], clock: Clock, utc: Clock) -> None:
        self._targets = [
            (
                target.protocol,
                target.performer or performers[0],
                Sender(target.host, target.port or PORTS[target.protocol]),
            )
            for target in targets
        ]
        self._clock, self._utc, self._began_ns = clock, utc, clock()
        self._bones: dict[str, SkeletonDefinition] = {}
        self._faces: dict[str, FaceShapes] = {}

    def send(self, said: Sequence[Message]) -> None:
        """Whatever of it is for them; what nobody asked for is not even written, which takes longer than a solve."""
        for message in said:
            match message:
                case SkeletonDefinition():
                    self._bones[message.subject] = message
                case FaceShapes():
                    self._faces[message.subject] = message
                    if senders := self._of("live_link_face", message.subject):
                        _out(senders, [avatars.face_datagram(message, self._utc())])
                case SkeletonPose() if message.subject in self._bones:
                    if senders := self._of("vmc", message.subject):
                        since_s = (self._clock() - self._began_ns) / NS_PER_S
                        bones, face = self._bones[message.subject], self._faces.get(message.subject)
                        _out(senders, avatars.vmc_datagrams(bones, message, face, since_s))
                case _:
                    pass

    @property
    def dropped(self) -> int:
        """Datagrams that the system did not take."""
        return sum(sender.dropped for _, _, sender in self._targets)

    def close(self) -> None:
        """Let the sockets go."""
        for _, _, sender in self._targets:
            sender.close()

    def _of(self, protocol: str, performer: str) -> list[Sender]:
        return [sender for kind, whose, sender in self._targets if (kind, whose) == (protocol, performer)]


def _out(senders: Sequence[Sender], datagrams: Sequence[bytes]) -> None:
    for sender in senders:
        for data in datagrams:
            sender.send(data)
