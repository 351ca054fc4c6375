"""Trials from the makers of training chats, with other seeds."""

from conversations.chat import Chat

from trials.trial import Trial, exactly


def chat_trial(chat: Chat) -> Trial:
    """Return the chat's answer, word for word."""
    body: dict[str, object] = {"messages": list(chat.messages)}
    if chat.tools:
        body["tools"] = list(chat.tools)
    return exactly(body, chat.text)
