import pytest

from localaik.chat.request import ImagePart, Message, Role, TextPart
from localaik.chat.turns import alternate
from localaik.wire.datauri import DataURI

PICTURE = ImagePart(DataURI("image/png", "QQ=="))
OTHER_PICTURE = ImagePart(DataURI("image/png", "Qg=="))


def message(role, *parts):
    return Message(
        role, tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    )


def system(*parts):
    return message(Role.SYSTEM, *parts)


def user(*parts):
    return message(Role.USER, *parts)


def model(*parts):
    return message(Role.ASSISTANT, *parts)


CASES = {
    "nothing": ([], []),
    "one question": ([user("a")], [user("a")]),
    "a chat": ([user("a"), model("b"), user("c")], [user("a"), model("b"), user("c")]),
    "an answer that was cut by streaming": (
        [user("a"), model("Hel"), model("lo"), model("!"), user("b")],
        [user("a"), model("Hello!"), user("b")],
    ),
    "an answer of several parts": ([user("a"), model("Hel", "lo")], [user("a"), model("Hello")]),
    "two questions": ([user("a"), user("b")], [user("a\n\nb")]),
    "a question of several parts": ([user("a", "b")], [user("a\nb")]),
    "two questions of several parts": ([user("a", "b"), user("c", "d")], [user("a\nb\n\nc\nd")]),
    "a picture between texts": (
        [user("a", PICTURE, "b"), user(OTHER_PICTURE), user("c", "d")],
        [user("a", PICTURE, "b", OTHER_PICTURE, "c\nd")],
    ),
    "an empty message": ([user("a"), model(), user("b")], [user("a\n\nb")]),
    "only empty messages": ([user(), model(), system()], []),
    "an answer first": ([model("a"), user("b")], [user(""), model("a"), user("b")]),
    "only an answer": ([model("a")], [user(""), model("a")]),
    "an answer last": ([user("a"), model("b")], [user("a"), model("b")]),
    "an instruction": ([system("a"), user("b")], [system("a"), user("b")]),
    "an instruction of several parts": (
        [system("a", "b"), user("c")],
        [system("a\nb"), user("c")],
    ),
    "instructions anywhere": (
        [user("a"), system("b"), user("c"), model("d"), system("e", "f")],
        [system("b\n\ne\nf"), user("a\n\nc"), model("d")],
    ),
    "only an instruction": ([system("a")], [system("a")]),
    "a picture in the instruction": (
        [system("a", PICTURE, "b"), user("c"), model("d")],
        [system("a\n\nb"), user(PICTURE, "c"), model("d")],
    ),
    "only a picture in the instruction": ([system(PICTURE), user("c")], [user(PICTURE, "c")]),
    "a picture in the instruction before an answer": (
        [system("a", PICTURE), model("b")],
        [system("a"), user(PICTURE, ""), model("b")],
    ),
    "a picture in the instruction and no question": (
        [system("a", PICTURE)],
        [system("a"), user(PICTURE)],
    ),
}


@pytest.mark.parametrize(("messages", "turns"), CASES.values(), ids=CASES)
def test_messages_become_turns(messages, turns):
    assert alternate(messages) == tuple(turns)


@pytest.mark.parametrize(("messages", "turns"), CASES.values(), ids=CASES)
def test_turns_stay_as_they_are(messages, turns):
    assert alternate(turns) == tuple(turns)


@pytest.mark.parametrize("messages", [messages for messages, _ in CASES.values()], ids=CASES)
def test_the_roles_alternate_and_the_user_begins(messages):
    roles = [turn.role for turn in alternate(iter(messages)) if turn.role is not Role.SYSTEM]
    assert roles == [(Role.USER, Role.ASSISTANT)[place % 2] for place in range(len(roles))]
