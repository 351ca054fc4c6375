"""Repeating: the echo of unknown prompts, and orders to say something."""

import random

from words import invented_word

from conversations.chat import Chat, said
from conversations.phrases import name, number, prompt, sentence, terms, word

ORDERS = (
    "Say exactly: {}",
    "Say exactly: {}",
    "Say: {}",
    "Say {}",
    "Repeat {}",
    "Repeat: {}",
    "Repeat after me: {}",
    "Please say {}",
    "Please repeat: {}",
    "Reply with: {}",
    "Reply with exactly: {}",
    "Answer with exactly: {}",
    "Respond with: {}",
    "Echo: {}",
    'Say "{}"',
    'Repeat "{}"',
    "Print {}",
    "Write exactly: {}",
)
WORD_ORDERS = (
    "Reply with only the word {}",
    "Reply with only the word {}.",
    "Reply with the word {}",
    "Reply with just the word {}.",
    "Reply with the single word {}",
    'Reply with only the word "{}"',
    "Answer with only the word {}",
    "Answer only with the word {}.",
    "Respond with only the word {}",
    "Say only the word {}",
    "Say the word {}.",
    "Say only {}",
    "Output only the word {}",
    "Just say {}",
)


def echo(dice: random.Random) -> Chat:
    """Return an unknown prompt, answered with itself."""
    return echo_of(prompt(dice))


def echo_of(asked: str) -> Chat:
    """Return a given prompt, answered with itself."""
    asked = asked.strip()
    return said(asked, f"You said: {asked}")


def long_echo(dice: random.Random) -> Chat:
    """As ``echo``, a little past twenty words."""
    return echo_of(terms(dice, 18, 32))


def short_echo(dice: random.Random) -> Chat:
    """As ``echo``, of few words: the first lesson."""
    return echo_of(terms(dice, 1, 6))


def short_obey(dice: random.Random) -> Chat:
    """As ``obey``, of few words."""
    wanted = terms(dice, 1, 5).strip().replace('"', "") or word(dice)
    return said(dice.choice(ORDERS).format(wanted), wanted)


def obey(dice: random.Random) -> Chat:
    """Return an order to say something."""
    if dice.random() < 0.35:
        one = word(dice) if dice.random() < 0.6 else invented_word(dice)
        wanted = dice.choice((one, one, one.capitalize(), one.upper(), number(dice)))
        return said(dice.choice(WORD_ORDERS).format(wanted), wanted)
    order = dice.choice(ORDERS)
    wanted = obeyed_text(dice)
    if '"' in order:
        wanted = wanted.replace('"', "")
    wanted = wanted.strip() or name(dice)
    return said(order.format(wanted), wanted)


def obeyed_text(dice: random.Random) -> str:
    """Return what an order asks for: a word to a short sentence."""
    if dice.random() < 0.2:
        return sentence(dice)
    low, high = dice.choice(((1, 1), (1, 3), (2, 6), (5, 12)))
    return terms(dice, low, high)
