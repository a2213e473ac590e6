"""The one error a codec raises."""


class Refused(ValueError):
    """Bytes that are not what the protocol says; `kind` is a short fixed word to count by, the text is for people.

    Kinds in use: `length`, `magic`, `checksum`, `version`, `type`, `field`, `encoding`, `segment`, `frame`.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
