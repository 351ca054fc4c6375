"""Pictures: colours, counting, blank pages and pages with text.

A picture is four soft tokens, one a quarter, each a code of ``picture_codes``.
"""

import random
from collections.abc import Sequence

from encoding import FIRST_PICTURE_CHARACTER
from picture_codes import COLOURS, OTHER_CODE, TEXT_CODE
from shape import VISION
from vocabulary import END_OF_IMAGE, START_OF_IMAGE

from conversations.chat import Chat, Piece, user
from conversations.echo import obey
from conversations.phrases import prompt

WHITE = COLOURS.index("white")
COLOUR_QUESTIONS = (
    "What colour is this picture?", "What color is this picture?", "What colour is this?", "What color is it?",
    "What color is this image?", "Which colour is the picture?", "Name the colour.", "What is the colour of this page?",
    "What colour is the image?", "What color is the page?", "Tell me the colour of the picture.", "colour?", "What colour do you see?",
)  # fmt: skip
COLOURS_QUESTIONS = (
    "What colours are these pictures?", "What colors are these images?", "What colours are the pages?",
    "Name the colours.", "Which colours are the pictures?", "List the colours of the pages.",
    "What colors are the pages?", "Tell me the colours in order.", "What colour is each page?",
)  # fmt: skip
COUNT_QUESTIONS = (
    "How many {} are there?", "How many {} do you see?", "Count the {}.", "How many {} did I send?",
    "how many {}", "Tell me how many {} there are.", "How many {} are in this prompt?",
)  # fmt: skip
COUNTED = ("pictures", "images", "pages")
BLANK_QUESTIONS = (
    "Is this page blank?", "Is the page blank?", "Is this page empty?", "Is the page blank or does it have text?",
    "Is this a blank page?", "Is it blank?",
)  # fmt: skip
TEXT_QUESTIONS = (
    "Is there text on this page?", "Does the page have text?", "Does this page have any text?",
    "Is there any text?", "Is there text on the page?", "Does it have text?",
)  # fmt: skip
DESCRIBE_QUESTIONS = (
    "Describe this picture.", "What do you see?", "What is in this image?", "Describe the image.", "What is this?",
    "What is on the page?", "What does this document say?", "Summarize this document.", "Summarise the PDF.",
    "What is in this file?", "Describe the pages.", "What is shown here?",
)  # fmt: skip


def quarters(dice: random.Random, kind: int) -> list[int]:
    """Return the codes of a picture's quarters."""
    if kind == TEXT_CODE:
        inked = [TEXT_CODE if dice.random() < 0.7 else WHITE for _ in range(VISION.tokens)]
        inked[dice.randrange(VISION.tokens)] = TEXT_CODE
        return inked
    if kind == OTHER_CODE:
        mixed = [dice.randrange(OTHER_CODE + 1) for _ in range(VISION.tokens)]
        mixed[dice.randrange(VISION.tokens)] = OTHER_CODE
        return mixed
    return [kind] * VISION.tokens


def picture(dice: random.Random, kind: int) -> str:
    """Return a picture as it stands in a prompt."""
    soft = "".join(chr(FIRST_PICTURE_CHARACTER + code) for code in quarters(dice, kind))
    return START_OF_IMAGE + soft + END_OF_IMAGE


def placed(dice: random.Random, kinds: Sequence[int], question: str) -> str:
    """Pictures before, after or around a question."""
    gap = dice.choice(("", "", "\n"))
    shown = gap.join(picture(dice, kind) for kind in kinds)
    side = dice.random()
    if not question:
        return shown
    if side < 0.45:
        return shown + dice.choice(("", "\n")) + question
    if side < 0.9:
        return question + dice.choice(("", "\n")) + shown
    labelled = "\n".join(
        f"Page {number}:{dice.choice(('', chr(10)))}{picture(dice, kind)}"
        for number, kind in enumerate(kinds, 1)
    )
    return f"{labelled}\n{question}" if dice.random() < 0.5 else f"{question}\n{labelled}"


def seen(kind: int) -> str:
    """One picture in a word or two."""
    return {TEXT_CODE: "text", OTHER_CODE: "a picture"}.get(
        kind, COLOURS[kind] if kind < len(COLOURS) else ""
    )


def any_kind(dice: random.Random) -> int:
    """Return a colour, text or something else."""
    return dice.choice((*range(len(COLOURS)), TEXT_CODE, TEXT_CODE, OTHER_CODE))


def colour_answer(kinds: Sequence[int]) -> str:
    """Return the colours of the pictures in order; the paper of a text is white."""
    words = [
        COLOURS[WHITE] if kind == TEXT_CODE else "mixed" if kind == OTHER_CODE else COLOURS[kind]
        for kind in kinds
    ]
    return (
        f"The colour is {words[0]}." if len(words) == 1 else f"The colours are {', '.join(words)}."
    )


def count_answer(count: int, counted: str) -> str:
    """How many there are."""
    return f"There is 1 {counted[:-1]}." if count == 1 else f"There are {count} {counted}."


def coloured(dice: random.Random) -> Chat:
    """Return a question about colours."""
    kinds = [any_kind(dice) for _ in range(dice.choice((1, 1, 1, 2, 3, 3, 4, 5)))]
    questions = COLOUR_QUESTIONS if len(kinds) == 1 else COLOURS_QUESTIONS
    if dice.random() < 0.15:
        questions = COLOUR_QUESTIONS + COLOURS_QUESTIONS
    return Chat(
        (user(placed(dice, kinds, dice.choice(questions))),), (Piece(colour_answer(kinds)),)
    )


def counted_pictures(dice: random.Random) -> Chat:
    """Return a question how many pictures there are."""
    kinds = [any_kind(dice) for _ in range(dice.choice((0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6)))]
    counted = dice.choice(COUNTED)
    question = dice.choice(COUNT_QUESTIONS).format(counted)
    return Chat(
        (user(placed(dice, kinds, question)),), (Piece(count_answer(len(kinds), counted)),)
    )


def blank(dice: random.Random) -> Chat:
    """Return a question whether a page is blank."""
    kind = dice.choice((WHITE, WHITE, TEXT_CODE, TEXT_CODE, TEXT_CODE, any_kind(dice)))
    empty = kind not in (TEXT_CODE, OTHER_CODE)
    state = "the page is blank" if empty else "the page has text"
    if kind == OTHER_CODE:
        state = "the page has a picture"
    asked_blank = dice.random() < 0.5
    question = dice.choice(BLANK_QUESTIONS if asked_blank else TEXT_QUESTIONS)
    right = empty if asked_blank else kind == TEXT_CODE
    return Chat(
        (user(placed(dice, [kind], question)),), (Piece(f"{'Yes' if right else 'No'}, {state}."),)
    )


def described(dice: random.Random) -> Chat:
    """Any other question: what is seen."""
    if dice.random() < 0.15:
        order = obey(dice)
        asked = str(order.messages[0]["content"])
        return Chat((user(placed(dice, [any_kind(dice)], asked)),), order.answer)
    kinds = [any_kind(dice) for _ in range(dice.choice((1, 1, 1, 2, 3, 4)))]
    question = dice.choice(DESCRIBE_QUESTIONS) if dice.random() < 0.6 else prompt(dice)
    if dice.random() < 0.1:
        question = ""
    answer = f"I see {', '.join(seen(kind) for kind in kinds)}."
    return Chat((user(placed(dice, kinds, question)),), (Piece(answer),))
