"""The one error a codec of splats raises."""


class FormatFault(ValueError):
    """Bytes or an order that cannot be met; the text says expected, got and what would work."""
