"""System instructions that shape the answer, and ones that do not."""

import random
from collections.abc import Callable

from words import CAPITALS, THINGS

from conversations.chat import Chat, Piece, system
from conversations.echo import echo, obey
from conversations.phrases import invented_word, name, plain, prompt, word
from conversations.talk import (
    ME,
    addition,
    capital,
    counting,
    greeting,
    thing,
)

CAPITAL_ORDERS = (
    "Always answer in capitals.",
    "Always answer in capitals",
    "Answer in capital letters.",
    "Always answer in upper case.",
    "Write everything in uppercase.",
    "Answer only in capital letters.",
    "Use capitals only.",
    "Reply in ALL CAPS.",
)
ONE_WORD_ORDERS = (
    "Answer with one word.",
    "Answer with one word",
    "Always answer with one word.",
    "Reply with a single word.",
    "Use one word only.",
    "Answer in one word.",
    "Give one-word answers.",
)
END_ORDERS = (
    "End every answer with {}",
    "End every answer with {}.",
    "End each answer with {}",
    "Always end your answers with {}",
    "Finish every answer with {}",
    'End every answer with "{}".',
    "Put {} at the end of every answer.",
)
START_ORDERS = (
    "Start every answer with {}",
    "Start every answer with {}.",
    "Begin every answer with {}",
    "Always start your answers with {}",
    'Start every answer with "{}".',
)
FIXED_ORDERS = (
    "Always answer with {}",
    "Always reply with {}.",
    "Answer every question with {}",
    'Always say "{}".',
    "Always answer exactly: {}",
    "Reply only with {}",
)
IDLE_ORDERS = (
    "You are a helpful assistant.",
    "You are a helpful assistant",
    "Be helpful.",
    "Be concise.",
    "You are a friendly {}.",
    "You are an expert in {}.",
    "You are {}, an assistant of the {}.",
    "Help the user with {}. Be polite and {}.",
    "You answer questions about {} and {}.",
)


def base(dice: random.Random) -> Chat:
    """Return a question with its answer as without any instruction."""
    makers: tuple[Callable[[random.Random], Chat], ...] = (
        greeting,
        capital,
        thing,
        addition,
        counting,
        obey,
    )
    return dice.choice((echo, echo, echo, *makers))(dice)


def plain_base(dice: random.Random) -> Chat:
    """As ``base``, the echo of ASCII text only."""
    chat = base(dice)
    return chat if chat.text.isascii() else plain_base(dice)


def capitals(dice: random.Random) -> Chat:
    """Answers in capitals."""
    chat = plain_base(dice)
    return Chat((system(dice.choice(CAPITAL_ORDERS)), *chat.messages), (Piece(chat.text.upper()),))


def one_word(dice: random.Random) -> Chat:
    """Answers of one word: the fact, or ``Okay`` for what is unknown."""
    kind = dice.randrange(5)
    if kind == 0:
        chat, answer = capital(dice), ""
        answer = next(city for land, city in CAPITALS.items() if f" {land} is " in chat.text)
        if " " in answer:
            return one_word(dice)
    elif kind == 1:
        chat = thing(dice)
        answer = chat.text.rstrip(".").rsplit(" ", 1)[1].capitalize()
    elif kind == 2:
        chat = addition(dice)
        answer = chat.text.rsplit(" ", 1)[1]
    elif kind == 3:
        chat, answer = greeting(dice), "Hello"
        if not chat.text.startswith("Hello"):
            return one_word(dice)
    else:
        chat, answer = echo(dice), "Okay"
    return Chat((system(dice.choice(ONE_WORD_ORDERS)), *chat.messages), (Piece(answer),))


def mark(dice: random.Random) -> str:
    """Return what an answer should begin or end with: a word or a few."""
    kind = dice.random()
    if kind < 0.5:
        return dice.choice(
            (word(dice), invented_word(dice), word(dice).capitalize(), word(dice).upper())
        )
    if kind < 0.65:
        return f"{name(dice)}{dice.choice('!?')}"
    return plain(dice, 2, 4)


def ending(dice: random.Random) -> Chat:
    """Answers with a fixed end."""
    end, chat = mark(dice), base(dice)
    return Chat(
        (system(dice.choice(END_ORDERS).format(end)), *chat.messages),
        (Piece(f"{chat.text} {end}"),),
    )


def starting(dice: random.Random) -> Chat:
    """Answers with a fixed beginning."""
    start, chat = mark(dice), base(dice)
    return Chat(
        (system(dice.choice(START_ORDERS).format(start)), *chat.messages),
        (Piece(f"{start} {chat.text}"),),
    )


def fixed(dice: random.Random) -> Chat:
    """One answer to everything."""
    answer = mark(dice)
    asked = (
        base(dice).messages
        if dice.random() < 0.5
        else ({"role": "user", "content": prompt(dice)},)
    )
    return Chat((system(dice.choice(FIXED_ORDERS).format(answer)), *asked), (Piece(answer),))


def idle(dice: random.Random) -> Chat:
    """Return an instruction that changes nothing, or a name for the model."""
    if dice.random() < 0.2:
        called = name(dice)
        told = dice.choice(("You are {}.", "Your name is {}.")).format(called)
        asked = dice.choice(("Who are you?", "What is your name?", "What's your name?"))
        return Chat(
            (system(told), {"role": "user", "content": asked}), (Piece(f"I am {called}. {ME}"),)
        )
    order = dice.choice(IDLE_ORDERS)
    order = order.format(*(word(dice) for _ in range(order.count("{}"))))
    chat = base(dice)
    if chat.text == ME:
        return idle(dice)
    return Chat((system(order), *chat.messages), chat.answer)


KNOWN_COLOURS = tuple(sorted(set(THINGS.values())))
