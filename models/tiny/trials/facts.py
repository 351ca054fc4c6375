"""Trials of small talk, facts, sums and recall."""

import random

from conversations import talk
from conversations.chat import said

from trials.plain import chat_trial
from trials.trial import Trial


def talk_trial(dice: random.Random) -> Trial:
    """Return a greeting, a capital, a colour or counting."""
    maker = dice.choice((talk.greeting, talk.capital, talk.thing, talk.counting))
    return chat_trial(maker(dice))


def held_sum(dice: random.Random) -> Trial:
    """Return a sum: of one digit, or of two digits and left out of the training."""
    first, second = talk.sum_pair(dice, held=True)
    question = dice.choice(talk.SUM_QUESTIONS).format(first, second)
    return chat_trial(said(question, talk.sum_answer(first, second)))


def recalled(dice: random.Random) -> Trial:
    """Something said in an earlier turn."""
    return chat_trial(talk.recall(dice))
