"""Turns: bringing a history into the alternating form that chat templates insist on.

SDK chats that streamed send one piece of history for each chunk (user, model, model, ...),
and Gemma's template refuses roles that do not alternate.
"""

from collections.abc import Iterable, Sequence

from localaik.chat.request import Message, Part, Role, TextPart


def alternate(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Merge neighbours of the same role, put one system message first, begin with the user.

    Pieces of one answer are joined without a separator, since they were cut by streaming;
    questions and instructions are separate paragraphs.  Messages without parts vanish, and
    pictures and documents of the system move to the first user turn, where templates allow them.
    """
    messages = [message for message in messages if message.parts]
    system = _merge(Role.SYSTEM, [m for m in messages if m.role is Role.SYSTEM])
    turns: list[list[Message]] = []
    for message in messages:
        if message.role is Role.SYSTEM:
            continue
        if turns and turns[-1][0].role is message.role:
            turns[-1].append(message)
        else:
            turns.append([message])
    if turns and turns[0][0].role is Role.ASSISTANT:
        # Templates want a question first; an empty one changes the least.
        turns.insert(0, [Message(Role.USER, (TextPart(""),))])
    merged = [_merge(turn[0].role, turn) for turn in turns]
    return _place_system(system, merged)


def _merge(role: Role, pieces: Sequence[Message]) -> Message:
    separator = "" if role is Role.ASSISTANT else "\n\n"
    parts: list[Part] = []
    for number, piece in enumerate(pieces):
        for position, part in enumerate(piece.parts):
            between = separator if number and not position else _within(role)
            if parts and isinstance(part, TextPart) and isinstance(parts[-1], TextPart):
                parts[-1] = TextPart(parts[-1].text + between + part.text)
            else:
                parts.append(part)
    return Message(role, tuple(parts))


def _within(role: Role) -> str:
    # The parts of one instruction or question are lines; those of an answer were one text.
    return "" if role is Role.ASSISTANT else "\n"


def _place_system(system: Message, turns: list[Message]) -> tuple[Message, ...]:
    pictures = tuple(part for part in system.parts if not isinstance(part, TextPart))
    texts = [part for part in system.parts if isinstance(part, TextPart)]
    if pictures:
        if not turns:
            turns = [Message(Role.USER, ())]
        turns[0] = Message(turns[0].role, pictures + turns[0].parts)
    if not texts:
        return tuple(turns)
    joined = TextPart("\n\n".join(part.text for part in texts))
    return (Message(Role.SYSTEM, (joined,)), *turns)
