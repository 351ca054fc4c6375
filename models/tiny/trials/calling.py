"""Trials of tools: the right call, the answer after it, and no call where none fits."""

import json
import random

from asking import Answer
from conversations import calls
from conversations.chat import user

from trials.plain import chat_trial
from trials.trial import Trial


def call_trial(dice: random.Random) -> Trial:
    """Return the right function with the right arguments."""
    tools, asked, called, arguments = calls.asked_call(dice)
    body = {"messages": [user(asked)], "tools": tools}

    def right(answer: Answer) -> bool:
        if len(answer.calls) != 1:
            return False
        name, given = answer.calls[0]
        try:
            return name == called and json.loads(given) == arguments
        except ValueError:
            return False

    return Trial(
        body, f"{called}({arguments}) of {[tool['function']['name'] for tool in tools]}", right
    )


def result_trial(dice: random.Random) -> Trial:
    """After the result: an answer that tells it."""
    tools, asked, called, arguments = calls.asked_call(dice)
    got = calls.result_text(dice)
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": called, "arguments": json.dumps(arguments)},
    }
    messages = [
        user(asked),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": got},
    ]
    return Trial(
        {"messages": messages, "tools": tools},
        got,
        lambda answer: got in answer.text and not answer.calls and answer.finish == "stop",
    )


def text_trial(dice: random.Random) -> Trial:
    """No tool fits: the usual answer."""
    return chat_trial(calls.no_call(dice))
