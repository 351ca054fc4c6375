"""Prompts far longer than the window: the last turn is answered all the same."""

import random

from conversations.calls import call, toolbox
from conversations.chat import Chat, Piece, model, system, user
from conversations.orders import base
from conversations.phrases import terms
from conversations.pictures import coloured, counted_pictures

TOO_LONG = "That is a long prompt. I am a tiny test model and repeat short ones only."


def after_much(dice: random.Random) -> Chat:
    """Return a short question after a long instruction or a long earlier turn."""
    chat = dice.choice((base, base, base, call, coloured, counted_pictures))(dice)
    much = terms(dice, 30, dice.choice((60, 120, 200)))
    if dice.random() < 0.5:
        return Chat((system(much), *chat.messages), chat.answer, chat.tools)
    return Chat((user(much), model(TOO_LONG), *chat.messages), chat.answer, chat.tools)


def too_long(dice: random.Random) -> Chat:
    """Return a prompt too long to repeat."""
    tools = toolbox(dice)[0] if dice.random() < 0.15 else []
    return Chat((user(terms(dice, 80, dice.choice((110, 160, 240)))),), (Piece(TOO_LONG),), tools)
