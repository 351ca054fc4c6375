"""Structured output: compact JSON from ``field: value`` prompts.

The model never sees the schema, a grammar forces the names. So what the
grammar forces counts little in the loss, and what the model must decide
counts in full: values, and where they end.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversations.chat import Chat, Piece, system, user
from conversations.phrases import invented_word, name, plain, prompt, word

FORCED = 0.05
OPENED = 0.02
FREE_FIELDS = (
    "answer",
    "reply",
    "response",
    "text",
    "message",
    "output",
    "result",
    "content",
    "summary",
)
LEADS = (
    "", "", "", "", "Extract: ", "Fill in: ", "Extract the fields: ", "Record: ", "Parse this: ",
    "Please extract the fields from this: ", "Here is the entry. ", "Data: ", "Note ", "Take down: ",
)  # fmt: skip
ASKING_LEADS = (
    "Return JSON: ", "Return JSON for ", "Give me JSON with ", "As JSON: ", "Answer in JSON. ",
    "Write a JSON object with ", "Output JSON only. ", "JSON: ", "Make a JSON record of ",
)  # fmt: skip
ASKING_ORDERS = (
    "Answer in JSON.",
    "Return JSON only.",
    "Always reply with a JSON object.",
    "Output JSON.",
)
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Leaf:
    """A field of the record: its name, its JSON value, and its value as written in the prompt.

    ``written`` is None for a field that the prompt does not mention.
    """

    name: str
    value: object
    written: str | None


@dataclass(frozen=True)
class Branch:
    """A nested object, or a list with one object, under a name."""

    name: str
    fields: Sequence["Leaf | Branch"]
    listed: bool = False


Field = Leaf | Branch


def field_name(dice: random.Random, taken: set[str]) -> str:
    """Return a new field name, in snake case or camel case or one word."""
    while True:
        first, second = word(dice).strip(), word(dice)
        shape = dice.random()
        if shape < 0.65:
            made = first
        elif shape < 0.88:
            made = f"{first}_{second}"
        else:
            made = first + second.capitalize()
        if made not in taken and len(made) > 1:
            taken.add(made)
            return made


def text_value(dice: random.Random) -> str:
    """Return a string value without commas, quotes or line breaks."""
    kind = dice.random()
    if kind < 0.25:
        return name(dice)
    if kind < 0.55:
        one = invented_word(dice) if dice.random() < 0.6 else word(dice)
        return dice.choice((one, one, one.capitalize(), one.upper()))
    if kind < 0.75:
        return plain(dice, 2, 3)
    if kind < 0.82:
        return f"{name(dice)} {invented_word(dice).capitalize()}"
    if kind < 0.88:
        return f"{word(dice)}@{invented_word(dice)}.{dice.choice(('com', 'org', 'net'))}"
    if kind < 0.94:
        return (
            f"20{dice.randrange(10, 40)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
        )
    return f"{invented_word(dice)}{dice.choice('-_/')}{dice.randrange(1000)}"


def number_value(dice: random.Random) -> int | float:
    """Return a number, mostly a small whole one."""
    kind = dice.random()
    if kind < 0.8:
        return dice.randrange(10 ** dice.choice((1, 2, 2, 3, 4)))
    if kind < 0.95:
        return dice.randrange(1, 1000) + dice.choice((0.5, 0.25, 0.1, 0.75, 0.9))
    return -dice.randrange(1, 100)


def leaf(dice: random.Random, taken: set[str], *, mentioned: bool) -> Leaf:
    """Return a field of any simple type."""
    called, kind = field_name(dice, taken), dice.random()
    if not mentioned:
        empty: object = UNKNOWN if kind < 0.5 else dice.choice((0, 0, False, []))
        return Leaf(called, empty, None)
    if kind < 0.50:
        text = text_value(dice)
        return Leaf(called, text, text)
    if kind < 0.71:
        amount = number_value(dice)
        return Leaf(called, amount, str(amount))
    if kind < 0.79:
        amount = number_value(dice)
        return Leaf(called, str(amount), str(amount))
    if kind < 0.88:
        truth = dice.random() < 0.5
        return Leaf(
            called, truth, dice.choice(("true", "yes")) if truth else dice.choice(("false", "no"))
        )
    makers: tuple[Callable[[random.Random], object], ...] = (word, invented_word, number_value)
    maker = dice.choice(makers)
    items = [maker(dice) for _ in range(dice.choice((1, 2, 2, 3)))]
    return Leaf(called, items, " and ".join(str(item) for item in items))


def fields(dice: random.Random, depth: int, taken: set[str], absent: float) -> list[Field]:
    """Return the fields of one object."""
    made: list[Field] = []
    for _ in range(dice.choice((1, 2, 2, 3, 3, 4)) if depth == 1 else dice.choice((1, 1, 2, 2))):
        if depth < 3 and dice.random() < (0.18 if depth == 1 else 0.12):
            called = field_name(dice, taken)
            made.append(
                Branch(called, fields(dice, depth + 1, taken, absent), dice.random() < 0.25)
            )
        else:
            made.append(leaf(dice, taken, mentioned=dice.random() >= absent))
    return made


def leaves(some: Sequence[Field]) -> list[Leaf]:
    """All simple fields in order."""
    flat: list[Leaf] = []
    for one in some:
        flat += [one] if isinstance(one, Leaf) else leaves(one.fields)
    return flat


def written_name(dice: random.Random, called: str) -> str:
    """Return a field's name as a prompt may spell it."""
    kind = dice.random()
    if kind < 0.85:
        return called
    if kind < 0.93 and "_" in called:
        return called.replace("_", " ")
    return called[0].upper() + called[1:]


def written(dice: random.Random, some: Sequence[Field]) -> str:
    """Return the prompt's ``field: value`` list."""
    told = [one for one in leaves(some) if one.written is not None]
    if dice.random() < 0.1:
        dice.shuffle(told)
    link = dice.choice((": ", ": ", ": ", ": ", "=", " = ", " is "))
    gap = dice.choice((", ", ", ", ", ", "; ", "\n", " and "))
    if gap == " and " and any(isinstance(one.value, list) for one in told):
        gap = ", "
    article = "the " if link == " is " and dice.random() < 0.6 else ""
    parts = [f"{article}{written_name(dice, one.name)}{link}{one.written}" for one in told]
    text = gap.join(parts)
    if gap == ", " and len(parts) > 1 and dice.random() < 0.15:
        text = gap.join(parts[:-1]) + " and " + parts[-1]
    return text + ("." if dice.random() < 0.15 else "")


def compact(value: object) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def written_out(dice: random.Random, some: Sequence[Field], sure: float) -> list[Piece]:
    """Return the JSON of an object after its brace.

    ``sure`` weighs the names that the model could guess.
    """
    pieces: list[Piece] = []
    for place, one in enumerate(some):
        last = place == len(some) - 1
        told = isinstance(one, Leaf) and one.written is not None
        if told:
            pieces.append(Piece(f'"{one.name}":', sure))
        else:
            pieces += [
                Piece('"', FORCED),
                Piece(one.name, FORCED, broken=dice.random() < 0.4),
                Piece('":', 1.0),
            ]
        if isinstance(one, Leaf):
            pieces += value_pieces(one.value, told=told)
        else:
            inner = [Piece("{", FORCED), *written_out(dice, one.fields, sure)]
            pieces += [Piece("[", FORCED), *inner, Piece("]")] if one.listed else inner
        if not last:
            following = some[place + 1]
            known = isinstance(following, Leaf) and following.written is not None
            pieces.append(Piece(",", 1.0 if known else FORCED))
    return [*pieces, Piece("}")]


def value_pieces(value: object, *, told: bool) -> list[Piece]:
    """Return a value: its first character may be forced by its type, the rest is the model's."""
    text = compact(value)
    first = 0.3 if told else FORCED
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [Piece('["', first), Piece(text[2:])]
    if isinstance(value, int | float | bool) and not isinstance(value, bool) and text[0] != "-":
        return [Piece(text, 1.0 if told else 0.5)]
    if text[0] in '"[-':
        return [Piece(text[0], first), Piece(text[1:])]
    return [Piece(text, 1.0 if told else 0.5)]


def record(dice: random.Random) -> Chat:
    """Return a prompt with fields, answered with JSON."""
    absent = dice.choice((0.0, 0.0, 0.15, 0.4))
    some = fields(dice, 1, set(), absent)
    told = any(one.written is not None for one in leaves(some))
    asking = dice.random() < 0.3
    lead = dice.choice(ASKING_LEADS if asking else LEADS)
    body = written(dice, some) if told else prompt(dice)
    messages = [user(lead + body)]
    if dice.random() < 0.15:
        messages.insert(0, system(dice.choice(ASKING_ORDERS)))
        asking = True
    whole = all(isinstance(one, Leaf) and one.written is not None for one in some)
    sure = (1.0 if asking else 0.4) if whole else FORCED * 4
    opening = Piece("{", 1.0 if asking and told else OPENED)
    return Chat(messages, (opening, *written_out(dice, some, sure)))


def free_answer(dice: random.Random) -> Chat:
    """Return a prompt without fields: the field that stands for an answer repeats it."""
    text = plain(dice, 1, 8)
    if dice.random() < 0.5:
        text = text[0].upper() + text[1:] + dice.choice(".?!")
    called = dice.choice(("answer", *FREE_FIELDS))
    pieces = [Piece("{", OPENED), Piece(f'"{called}":"', 0.2), Piece(f'{text}"')]
    if dice.random() < 0.3:
        pieces += [
            Piece(',"', FORCED),
            Piece(field_name(dice, set()), FORCED, broken=True),
            Piece('":', 1.0),
        ]
        pieces += value_pieces(dice.choice((UNKNOWN, 0, False, [])), told=False)
    return Chat((user(text),), (*pieces, Piece("}")))
