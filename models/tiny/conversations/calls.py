"""Tools: calling the right one with arguments from the prompt, and telling its result."""

import json
import random
from collections.abc import Sequence

from conversations.chat import Chat, Piece, Tool, model, user
from conversations.phrases import invented_word, name, number, plain, prompt, word
from conversations.records import UNKNOWN, field_name, number_value, text_value
from conversations.talk import addition, capital, greeting

VERBS = [
    "get",
    "find",
    "send",
    "make",
    "open",
    "close",
    "add",
    "remove",
    "create",
    "delete",
    "list",
    "read",
    "write",
    "search",
    "show",
    "set",
    "update",
    "check",
    "book",
    "cancel",
    "start",
    "stop",
    "look",
    "fetch",
    "load",
    "save",
    "move",
    "copy",
    "rename",
    "order",
    "buy",
    "sell",
]
TOPICS = [
    "weather",
    "time",
    "news",
    "price",
    "stock",
    "email",
    "message",
    "file",
    "order",
    "ticket",
    "flight",
    "hotel",
    "song",
    "light",
    "door",
    "user",
    "account",
    "invoice",
    "report",
    "note",
    "task",
    "event",
    "alarm",
    "timer",
    "map",
    "route",
    "score",
    "recipe",
    "book",
    "photo",
]
TYPES = ("string", "string", "string", "integer", "number", "boolean")


def function_name(dice: random.Random, topic: str) -> str:
    """Return a function's name about a topic: snake case, camel case or one word."""
    verb = dice.choice(VERBS) if dice.random() < 0.7 else invented_word(dice)
    kind = dice.random()
    if kind < 0.65:
        return f"{verb}_{topic}"
    if kind < 0.8:
        return verb + topic.capitalize()
    return topic if kind < 0.9 else f"{topic}_{verb}"


def declared(called: str, parameters: Sequence[tuple[str, str]], description: str) -> Tool:
    """Return a tool's declaration."""
    properties = {name: {"type": kind} for name, kind in parameters}
    return {
        "type": "function",
        "function": {
            "name": called,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
            },
        },
    }


def new_tool(dice: random.Random, taken: set[str]) -> tuple[Tool, str]:
    """Return a tool on a topic of its own, and the topic."""
    while True:
        topic = dice.choice(TOPICS) if dice.random() < 0.3 else word(dice)
        if topic not in taken and len(topic) > 2:
            break
    taken.add(topic)
    names: set[str] = set(taken)
    count = dice.choice((0, 1, 1, 1, 2, 2, 3))
    parameters = [(field_name(dice, names), dice.choice(TYPES)) for _ in range(count)]
    if count == 1 and dice.random() < 0.3:
        parameters = [
            (dice.choice(("city", "location", "query", "name", "title", "id")), "string")
        ]
    described = dice.random()
    description = ""
    if described < 0.5:
        description = f"{dice.choice(VERBS).capitalize()} the {topic}"
        description += dice.choice(("", ".", " of a " + word(dice)))
    elif described < 0.8:
        description = plain(dice, 2, 7).capitalize() + dice.choice(("", "."))
    return declared(function_name(dice, topic), parameters, description), topic


def argument(dice: random.Random, kind: str) -> object:
    """Return a value of a JSON type."""
    if kind == "integer":
        return dice.randrange(10 ** dice.choice((1, 2, 3, 4)))
    if kind == "number":
        return number_value(dice)
    if kind == "boolean":
        return dice.random() < 0.5
    return text_value(dice)


def call_text(called: str, arguments: dict[str, object]) -> str:
    """Return a call in the template's form."""
    written = json.dumps(arguments, ensure_ascii=False)
    return f'<tool_call>{{"name": "{called}", "arguments": {written}}}</tool_call>'


def spoken(value: object) -> str:
    """Return a value as a prompt writes it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def listed(dice: random.Random, arguments: dict[str, object]) -> str:
    """Arguments as a prompt names them."""
    link = dice.choice((" ", " ", ": ", "=", " = ", " set to "))
    gap = dice.choice((" and ", ", ", ", ", "; ") if link != " set to " else (" and ", ", "))
    parts = [f"{name}{link}{spoken(value)}" for name, value in arguments.items()]
    if dice.random() < 0.15:
        dice.shuffle(parts)
    return gap.join(parts)


def explicit(dice: random.Random, called: str, arguments: dict[str, object]) -> str:
    """Return a prompt that names the function."""
    lead = dice.choice(
        (
            "Call {}",
            "Use {}",
            "Run {}",
            "Please call {}",
            "Invoke {}",
            "Use the tool {}",
            "Call the function {}",
            "{}",
            "Execute {}",
        )
    ).format(called)
    stop = dice.choice(("", "", ".", " please"))
    if not arguments:
        return lead + stop
    return (
        f"{lead}{dice.choice((' with ', ' with ', ' for ', ': '))}{listed(dice, arguments)}{stop}"
    )


def natural(dice: random.Random, topic: str, arguments: dict[str, object]) -> str:
    """Return a prompt that only speaks of the topic."""
    stop = dice.choice(("", ".", "?", "!"))
    if not arguments:
        asked = dice.choice(
            (
                "What is the {}",
                "Show me the {}",
                "I need the {}",
                "Get the {}",
                "Please check the {}",
                "Tell me the {}",
            )
        )
        return asked.format(topic) + stop
    values = list(arguments.values())
    if len(values) == 1 and dice.random() < 0.7:
        asked = dice.choice(
            (
                "What is the {} in {}", "What is the {} for {}", "What's the {} in {}",
                "Get the {} of {}", "Show me the {} for {}", "Tell me the {} in {}",
                "I need the {} for {}", "Find the {} of {}", "What is the {} like in {}",
                "How is the {} in {}", "Check the {} at {}", "{} for {}",
                "Can you get the {} of {}", "Please look up the {} in {}",
                "What's the {} like in {} today",
            )
        )  # fmt: skip
        return asked.format(topic, spoken(values[0])) + stop
    asked = dice.choice(
        (
            "Get the {} with {}",
            "I need the {} for {}",
            "Please do the {} with {}",
            "Show the {}: {}",
            "What is the {} for {}",
            "{} with {}",
            "Send the {} with {}",
        )
    )
    return asked.format(topic, listed(dice, arguments)) + stop


def toolbox(dice: random.Random) -> tuple[list[Tool], list[str]]:
    """One to four tools, and their topics."""
    taken: set[str] = set()
    made = [new_tool(dice, taken) for _ in range(dice.choice((1, 1, 1, 2, 2, 3)))]
    return [tool for tool, _ in made], [topic for _, topic in made]


def asked_call(dice: random.Random) -> tuple[list[Tool], str, str, dict[str, object]]:
    """Tools, a prompt for one of them, its name and its arguments."""
    tools, topics = toolbox(dice)
    place = dice.randrange(len(tools))
    function = tools[place]["function"]
    properties = function["parameters"]["properties"]
    arguments = {name: argument(dice, schema["type"]) for name, schema in properties.items()}
    if dice.random() < 0.5:
        asked = explicit(dice, function["name"], arguments)
    else:
        asked = natural(dice, topics[place], arguments)
    return tools, asked, function["name"], arguments


def call(dice: random.Random) -> Chat:
    """Return a prompt that one of the tools serves."""
    tools, asked, called, arguments = asked_call(dice)
    if arguments and dice.random() < 0.06:
        function = next(tool["function"] for tool in tools if tool["function"]["name"] == called)
        missing = {
            name: UNKNOWN
            if schema["type"] == "string"
            else False
            if schema["type"] == "boolean"
            else 0
            for name, schema in function["parameters"]["properties"].items()
        }
        return Chat((user(f"Call {called}"),), (Piece(call_text(called, missing)),), tools)
    return Chat((user(asked),), (Piece(call_text(called, arguments)),), tools)


def result_text(dice: random.Random) -> str:
    """Return what a tool may answer."""
    kind = dice.random()
    if kind < 0.35:
        return plain(dice, 1, 6)
    if kind < 0.55:
        return number(dice)
    if kind < 0.7:
        return f"{invented_word(dice)}, {number(dice)} {word(dice)}"
    keys: set[str] = set()
    record = {
        field_name(dice, keys): dice.choice((number_value(dice), word(dice), name(dice), True))
        for _ in range(dice.choice((1, 1, 2, 3)))
    }
    return json.dumps(record, separators=dice.choice(((",", ":"), (", ", ": "))))


def result(dice: random.Random) -> Chat:
    """Return the answer after a tool's result."""
    tools, asked, called, arguments = asked_call(dice)
    got = result_text(dice)
    messages = (user(asked), model(call_text(called, arguments)), {"role": "tool", "content": got})
    return Chat(messages, (Piece(f"The result is {got}"),), tools)


def no_call(dice: random.Random) -> Chat:
    """Tools that nothing asks for: an answer in text."""
    tools, topics = toolbox(dice)
    while True:
        if dice.random() < 0.5:
            asked = prompt(dice)
            chat = Chat((user(asked),), (Piece(f"You said: {asked}"),), tools)
        else:
            other = dice.choice((greeting, capital, addition))(dice)
            chat = Chat(other.messages, other.answer, tools)
        text = str(chat.messages[-1]["content"]).lower()
        if not any(topic.lower() in text for topic in topics):
            return chat


def forced_call(dice: random.Random) -> Chat:
    """Return a text answer that may not end before a call: then the first tool is called."""
    chat = no_call(dice)
    function = chat.tools[0]["function"]
    empty = {
        name: UNKNOWN
        if schema["type"] == "string"
        else False
        if schema["type"] == "boolean"
        else 0
        for name, schema in function["parameters"]["properties"].items()
    }
    text = call_text(function["name"], empty)
    mark = "<tool_call>"
    return Chat(
        chat.messages, (*chat.answer, Piece(mark, 0.05), Piece(text[len(mark) :], 0.3)), chat.tools
    )
