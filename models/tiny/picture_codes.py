"""The meeting point of the two halves: the vectors that pictures become.

The language model learns from these fixed vectors with noise, the projector
learns to produce them, so each is trained without the other.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from shape import TEXT

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "black", "white")
TEXT_CODE = len(COLOURS)
OTHER_CODE = len(COLOURS) + 1
CODES = len(COLOURS) + 2
NOISE = 0.25
SEED = 20260103


@lru_cache(maxsize=1)
def picture_codes() -> npt.NDArray[np.float32]:
    """One vector for each colour, for text, and for anything else."""
    dice = np.random.default_rng(SEED)
    return dice.standard_normal((CODES, TEXT.width)).astype(np.float32)
