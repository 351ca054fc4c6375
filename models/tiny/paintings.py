"""Pictures to learn to see by: solid colours, blank pages, pages with text, and other things.

Each comes as llama.cpp hands it to the encoder: scaled with its proportions
kept, centred on black, bilinear (checked against llama.cpp by equal logits).
"""

import io
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from conversations.phrases import plain
from picture_codes import COLOURS, OTHER_CODE, TEXT_CODE
from PIL import Image, ImageDraw, ImageFont
from shape import VISION

CENTRES = {
    "red": ((255, 0, 0), (220, 20, 20), (200, 0, 0), (230, 40, 50)),
    "orange": ((255, 165, 0), (255, 140, 0), (245, 130, 20), (255, 128, 0)),
    "yellow": ((255, 255, 0), (250, 230, 20), (255, 220, 0), (240, 240, 40)),
    "green": ((0, 128, 0), (0, 255, 0), (0, 170, 0), (40, 180, 60), (20, 100, 20)),
    "blue": ((0, 0, 255), (30, 60, 220), (0, 0, 180), (20, 90, 230), (0, 0, 128)),
    "purple": ((128, 0, 128), (150, 30, 180), (160, 32, 240), (110, 0, 140)),
    "black": ((0, 0, 0), (10, 10, 10), (20, 20, 20)),
    "white": ((255, 255, 255), (252, 252, 252), (247, 247, 245), (255, 253, 248)),
}
OTHERS = (
    (128, 128, 128),
    (90, 90, 90),
    (170, 170, 170),
    (139, 69, 19),
    (255, 192, 203),
    (0, 200, 200),
    (255, 0, 255),
    (200, 180, 140),
)
WHITE = COLOURS.index("white")
INKED, SPECK = 0.006, 0.0005


@dataclass(frozen=True)
class Painting:
    """A picture, and what each quarter shows: a code, or -1 where that is unclear."""

    picture: Image.Image
    kind: int
    quarters: tuple[int, ...]


def colour_near(dice: random.Random, kind: int, spread: int = 10) -> tuple[int, int, int]:
    """Return a shade that people call by the colour's name."""
    centre = dice.choice(CENTRES[COLOURS[kind]])
    spread = min(spread, 4) if COLOURS[kind] in ("white", "black") else spread
    red, green, blue = (max(0, min(255, part + dice.randint(-spread, spread))) for part in centre)
    return red, green, blue


def page_size(dice: random.Random) -> tuple[int, int]:
    """Return a picture's size in pixels: square, a page, or anything between."""
    kind = dice.random()
    if kind < 0.3:
        side = dice.choice((1, 16, 32, 64, 100, 112, 200, 256, 512))
        return side, side
    if kind < 0.7:
        height = dice.choice((300, 500, 842, 896, 1123))
        width = int(height * dice.choice((0.707, 0.707, 0.773)))
        return (width, height) if dice.random() < 0.8 else (height, width)
    return dice.randrange(40, 400), dice.randrange(100, 300)


def solid(dice: random.Random, kind: int) -> Painting:
    """Return a picture of one colour."""
    picture = Image.new("RGB", page_size(dice), colour_near(dice, kind))
    if dice.random() < 0.2:
        picture = compressed(dice, picture)
    return Painting(picture, kind, (kind,) * VISION.tokens)


def compressed(dice: random.Random, picture: Image.Image) -> Image.Image:
    """Return the same picture after JPEG."""
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=dice.randint(60, 95))
    return Image.open(kept).convert("RGB")


def text_page(dice: random.Random) -> Painting:
    """Return a white page with lines of text somewhere on it."""
    height = dice.choice((400, 600, 842, 1000))
    width = int(height * dice.choice((0.707, 0.707, 0.773, 1.0, 1.414)))
    picture = Image.new("RGB", (width, height), colour_near(dice, WHITE))
    draw = ImageDraw.Draw(picture)
    size = int(height * dice.uniform(0.012, 0.06))
    font = ImageFont.load_default(size)
    ink = dice.choice(((0, 0, 0), (0, 0, 0), (40, 40, 40), (20, 20, 120), (150, 20, 20)))
    left, top = (
        int(width * dice.uniform(0.03, 0.3)),
        int(height * dice.choice((0.05, 0.1, 0.1, dice.uniform(0.05, 0.6)))),
    )
    for line in range(dice.choice((1, 2, 3, 6, 12, 30, 60))):
        y = top + int(line * size * 1.3)
        if y > height * 0.92:
            break
        words = plain(dice, 2, 14)
        words = words[: max(4, int((width * 0.95 - left) / (size * 0.52)))]
        draw.text((left, y), words.capitalize(), fill=ink, font=font)
    if dice.random() < 0.2:
        picture = compressed(dice, picture)
    return Painting(picture, TEXT_CODE, _inked_quarters(picture))


def other(dice: random.Random) -> Painting:
    """Noise, gradients, stripes of colours, or a colour without a code."""
    width, height = page_size(dice)
    width, height = max(width, 20), max(height, 20)
    kind = dice.random()
    if kind < 0.3:
        picture = Image.new("RGB", (width, height), dice.choice(OTHERS))
    elif kind < 0.6:
        cells = dice.choice((2, 3, 4, 6, 10))
        values = bytes(dice.randrange(256) for _ in range(cells * cells * 3))
        small = Image.frombytes("RGB", (cells, cells), values)
        picture = small.resize(
            (width, height), dice.choice((Image.Resampling.NEAREST, Image.Resampling.BICUBIC))
        )
    else:
        noise = np.random.default_rng(dice.randrange(1 << 30))
        base = noise.integers(0, 256, (1, 1, 3))
        values_ = np.clip(base + noise.normal(0, 70, (height, width, 3)), 0, 255).astype(np.uint8)
        picture = Image.fromarray(values_)
    return Painting(picture, OTHER_CODE, (OTHER_CODE,) * VISION.tokens)


def painting(dice: random.Random) -> Painting:
    """Any of them."""
    kind = dice.random()
    if kind < 0.55:
        return solid(dice, dice.randrange(len(COLOURS)))
    if kind < 0.62:
        return solid(dice, WHITE)
    return text_page(dice) if kind < 0.87 else other(dice)


def fitted(picture: Image.Image) -> Image.Image:
    """Return the picture as the encoder sees it: a square, the rest black."""
    side = VISION.image
    scale = min(side / picture.width, side / picture.height)
    width = min(side, max(1, int(np.ceil(picture.width * scale))))
    height = min(side, max(1, int(np.ceil(picture.height * scale))))
    scaled = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    square = Image.new("RGB", (side, side))
    square.paste(scaled, ((side - width) // 2, (side - height) // 2))
    return square


def pixels(picture: Image.Image) -> npt.NDArray[np.float32]:
    """Channels, rows, columns in -1 to 1."""
    values = np.asarray(fitted(picture), np.float32).transpose(2, 0, 1)
    return values / 127.5 - 1.0


def _inked_quarters(picture: Image.Image) -> tuple[int, ...]:
    grey = np.asarray(picture.convert("L"), np.float32)
    dark = grey < 170
    middle, centre = dark.shape[0] // 2, dark.shape[1] // 2
    parts = (
        dark[:middle, :centre],
        dark[:middle, centre:],
        dark[middle:, :centre],
        dark[middle:, centre:],
    )
    shares = [float(part.mean()) for part in parts]
    return tuple(
        TEXT_CODE if share > INKED else WHITE if share < SPECK else -1 for share in shares
    )
