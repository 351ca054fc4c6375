"""The shape of the tiny model: the numbers that trainer and exporter share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextShape:
    """The language model, a small Gemma 3."""

    width: int = 128
    layers: int = 5
    heads: int = 4
    key_heads: int = 2
    head_size: int = 32
    feed_forward: int = 384
    window: int = 256
    context: int = 131072
    rope_base: float = 10000.0
    epsilon: float = 1e-6


@dataclass(frozen=True)
class VisionShape:
    """The picture encoder, a small SigLIP with Gemma 3's projector.

    A picture is ``image`` pixels a side, cut into ``patch`` pixels a side, and
    ``merge`` patches a side are averaged to one token.
    """

    image: int = 112
    patch: int = 14
    merge: int = 4
    width: int = 64
    blocks: int = 2
    heads: int = 4
    feed_forward: int = 128
    epsilon: float = 1e-6

    @property
    def side(self) -> int:
        """Patches in one row."""
        return self.image // self.patch

    @property
    def tokens(self) -> int:
        """Tokens of one picture."""
        return (self.side // self.merge) ** 2


TEXT = TextShape()
VISION = VisionShape()
