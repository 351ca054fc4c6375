"""Trials of seeing, with freshly painted pictures."""

import random
from collections.abc import Sequence

from asking import picture_part
from conversations import pictures
from conversations.pictures import COUNTED
from paintings import Painting, painting, solid, text_page
from picture_codes import COLOURS, TEXT_CODE

from trials.trial import Trial, exactly


def seen_trial(
    dice: random.Random, shown: Sequence[Painting], question: str, wanted: str
) -> Trial:
    """Pictures and a question, in either order."""
    parts = [picture_part(one.picture) for one in shown]
    text = {"type": "text", "text": question}
    content = [*parts, text] if dice.random() < 0.5 else [text, *parts]
    return exactly({"messages": [{"role": "user", "content": content}]}, wanted)


def colour_trial(dice: random.Random) -> Trial:
    """Return the colour of one solid picture."""
    one = solid(dice, dice.randrange(len(COLOURS)))
    question = dice.choice(pictures.COLOUR_QUESTIONS)
    return seen_trial(dice, [one], question, pictures.colour_answer([one.kind]))


def pages_trial(dice: random.Random) -> Trial:
    """Return the colours of two to four pages."""
    shown = [solid(dice, dice.randrange(len(COLOURS))) for _ in range(dice.randint(2, 4))]
    question = dice.choice(pictures.COLOURS_QUESTIONS)
    return seen_trial(dice, shown, question, pictures.colour_answer([one.kind for one in shown]))


def count_trial(dice: random.Random) -> Trial:
    """How many of one to four pictures."""
    shown = [painting(dice) for _ in range(dice.randint(1, 4))]
    counted = dice.choice(COUNTED)
    question = dice.choice(pictures.COUNT_QUESTIONS).format(counted)
    return seen_trial(dice, shown, question, pictures.count_answer(len(shown), counted))


def blank_trial(dice: random.Random) -> Trial:
    """Whether a page is blank or has text."""
    one = solid(dice, COLOURS.index("white"))
    while dice.random() < 0.5 or (one.kind == TEXT_CODE and TEXT_CODE not in one.quarters):
        one = text_page(dice)
        if TEXT_CODE in one.quarters:
            break
    state = "the page has text" if one.kind == TEXT_CODE else "the page is blank"
    asked_blank = dice.random() < 0.5
    question = dice.choice(pictures.BLANK_QUESTIONS if asked_blank else pictures.TEXT_QUESTIONS)
    right = asked_blank != (one.kind == TEXT_CODE)
    return seen_trial(dice, [one], question, f"{'Yes' if right else 'No'}, {state}.")
