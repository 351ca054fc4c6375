"""Arbitrary prompts: plain sentences, made-up words, numbers, punctuation, code."""

import random

from words import COMMON_WORDS, NAMES, invented_word

_MARKS = tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ODD = "éèüöäßñçøåœ–—…€£°µ×→✓你好世界日本語русский🙂🎉👍"  # noqa: RUF001 - odd on purpose
_ORDERING = ("say", "repeat", "reply", "echo", "respond", "print", "count", "hello", "answer")
_PATTERNS = (
    "What is the {c} of {w}?",
    "How do I {c} a {c}?",
    "Why is the {c} so {c}?",
    "Write a {c} about the {w}.",
    "Tell me about {w}.",
    "Tell me a {c}",
    "Explain {w} to a {c}.",
    "Can you {c} the {c} for {n}?",
    "{n} went to the {c} with {n}.",
    "I think that {w} is {c}.",
    "Please {c} my {c}, {n}.",
    "Is {w} a {c}?",
    "Where is the {c}?",
    "Summarize the {c} in {d} words.",
    "Translate {w} to {w}",
    "The {c} costs {d} {w}.",
    "Give me {d} {c} and {d} {c}",
    "When does the {c} {c}?",
    "Who wrote {w}?",
    "What does {w} mean?",
    "Describe the {c}.",
    "Hello {n}, is the {c} ready?",
    "Hi, I need a {c}.",
    "Is this a {c} or a {w}?",
    "What time is it in {w}?",
    "{w}",
    "{c} {w} {c}",
    "{c} {c} {c} {c} {c}",
    "List the {c} of the {w} {c}.",
    "def {w}({c}): return {c} + {d}",
    "{c}, {w}, {c} and {w}",
    "Fix this: {w} = {w}[{d}]",
    "My {c} has a {c}!",
)


def word(dice: random.Random) -> str:
    """Return a lowercase word, common or made up."""
    return dice.choice(COMMON_WORDS) if dice.random() < 0.45 else invented_word(dice)


def number(dice: random.Random) -> str:
    """Return a number as text, mostly short."""
    kind = dice.random()
    if kind < 0.6:
        return str(dice.randrange(10 ** dice.choice((1, 2, 2, 3))))
    if kind < 0.8:
        return str(dice.randrange(10 ** dice.choice((4, 5, 6, 7))))
    if kind < 0.9:
        return f"{dice.randrange(1000)}.{dice.randrange(100)}"
    return f"{dice.randrange(1, 29):02d}:{dice.randrange(60):02d}"


def name(dice: random.Random) -> str:
    """Return a person's name, real or made up."""
    return dice.choice(NAMES) if dice.random() < 0.4 else invented_word(dice).capitalize()


def term(dice: random.Random) -> str:
    """One written word with all that may stick to it."""
    kind = dice.random()
    if kind < 0.6:
        return word(dice)
    if kind < 0.72:
        return word(dice).capitalize()
    if kind < 0.78:
        return word(dice).upper()
    if kind < 0.87:
        return number(dice)
    if kind < 0.90:
        return f"{word(dice)}{dice.choice('-_/.@')}{word(dice)}"
    if kind < 0.92:
        return f"{word(dice)}{number(dice)}"
    if kind < 0.94:
        return "".join(dice.choice(_ODD) for _ in range(dice.randrange(1, 4)))
    if kind < 0.96:
        return word(dice) + dice.choice(_ODD) + word(dice)
    if kind < 0.98:
        return dice.choice(_MARKS)
    return "".join(dice.choice("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789") for _ in range(6))


def wrapped(dice: random.Random, text: str) -> str:
    """Return a term with punctuation around it."""
    kind = dice.random()
    if kind < 0.4:
        return text + ","
    if kind < 0.6:
        return text + dice.choice(".!?;:")
    if kind < 0.75:
        return f'"{text}"'
    if kind < 0.85:
        return f"({text})"
    if kind < 0.93:
        return f"{text}'s"
    return dice.choice(_MARKS) + text


def terms(dice: random.Random, low: int, high: int) -> str:
    """``low`` to ``high`` terms with spaces between, some lines broken."""
    out = []
    for _ in range(dice.randint(low, high)):
        one = term(dice)
        out.append(wrapped(dice, one) if dice.random() < 0.15 else one)
    text = out[0]
    line = 0.02 if dice.random() < 0.15 else 0.0
    for one in out[1:]:
        text += ("\n" if dice.random() < line else " ") + one
    if dice.random() < 0.3:
        text = text[0].upper() + text[1:]
    if dice.random() < 0.3:
        text += dice.choice(".!?")
    return text


def sentence(dice: random.Random) -> str:
    """Return a natural-looking prompt that no other skill claims."""
    pattern = dice.choice(_PATTERNS)
    while "{" in pattern:
        at = pattern.index("{")
        pattern = pattern[:at] + _fill(dice, pattern[at + 1]) + pattern[at + 3 :]
    return pattern


def _fill(dice: random.Random, kind: str) -> str:
    match kind:
        case "c":
            return dice.choice(COMMON_WORDS)
        case "w":
            return invented_word(dice)
        case "n":
            return name(dice)
        case _:
            return number(dice)


def prompt(dice: random.Random) -> str:
    """Any prompt of 1 to 20 words that is neither known nor an order."""
    if dice.random() < 0.3:
        return sentence(dice)
    low, high = dice.choice(((1, 3), (1, 6), (4, 10), (8, 14), (12, 20)))
    while True:
        text = terms(dice, low, high).strip()
        if text and not text.lower().startswith(_ORDERING):
            return text


def plain(dice: random.Random, low: int, high: int) -> str:
    """Lowercase words and numbers only."""
    return " ".join(
        number(dice) if dice.random() < 0.08 else word(dice)
        for _ in range(dice.randint(low, high))
    )
