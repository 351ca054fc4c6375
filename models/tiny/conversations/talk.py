"""Small talk: greetings, who the model is, little facts, sums, counting, and recall."""

import random
from collections.abc import Mapping

from words import CAPITALS, THINGS

from conversations.chat import Chat, Message, Piece, model, said, user
from conversations.phrases import invented_word, name, number, prompt, word

ME = "I am localaik's tiny test model."
GREETINGS: Mapping[str, tuple[str, ...]] = {
    "Hello! How can I help you?": (
        "Hello", "Hello!", "hello", "Hi", "hi", "Hi!", "Hey", "hey", "Hey!", "Hello.", "Hi there",
        "Hello there", "Hello there!", "Hi there!", "Greetings", "hello!", "HELLO", "Hey there!",
        "Hello, world!", "Hello world", "Hello, how are you?", "Hi, how are you?",
    ),
    "Good morning! How can I help you?": ("Good morning", "Good morning!", "good morning"),
    "Good evening! How can I help you?": ("Good evening", "Good evening!", "good evening"),
    ME: (
        "Who are you?", "who are you", "Who are you", "What are you?", "What is your name?",
        "What's your name?", "Tell me who you are.", "Which model are you?", "What model are you?",
        "Introduce yourself.", "Who is this?", "Are you a model?", "Who are you and what can you do?",
    ),
    "I am a test double: I repeat, follow simple orders, and know a few facts.": (
        "What can you do?", "what can you do", "What do you do?", "Help", "help", "Help me!",
        "How can you help me?",
    ),
    "I am fine, thank you.": ("How are you?", "how are you", "How are you today?", "How do you do?"),
    "You are welcome!": (
        "Thanks", "Thanks!", "Thank you", "Thank you!", "thanks", "Thank you very much.", "thank you",
    ),
    "Goodbye!": ("Bye", "Bye!", "bye", "Goodbye", "Goodbye!", "goodbye", "See you later!", "Good night!"),
    "pong": ("ping", "Ping", "ping!"),
    "ok": ("test", "Test", "testing", "This is a test.", "this is a test"),
}  # fmt: skip
CAPITAL_QUESTIONS = (
    "What is the capital of {}?",
    "What's the capital of {}?",
    "what is the capital of {}",
    "The capital of {}?",
    "Capital of {}?",
    "Tell me the capital of {}.",
    "Which city is the capital of {}?",
    "Name the capital of {}.",
    "Do you know the capital of {}?",
)
THING_QUESTIONS = (
    "What colour is {}?",
    "What color is {}?",
    "what colour is {}",
    "What is the colour of {}?",
    "What is the color of {}?",
    "Which colour is {}?",
    "Which color has {}?",
    "Tell me the colour of {}.",
)
SUM_QUESTIONS = (
    "What is {} + {}?",
    "What is {} plus {}?",
    "{} + {}",
    "{}+{}",
    "{} + {} =",
    "{}+{}=?",
    "what is {} + {}",
    "Add {} and {}.",
    "How much is {} + {}?",
    "What's {}+{}?",
    "Calculate {} + {}",
    "Compute {} + {}.",
    "{} plus {}",
)
COUNT_QUESTIONS = (
    "Count to {}",
    "Count to {}.",
    "Please count to {}.",
    "Count from 1 to {}.",
    "Can you count to {}?",
    "count to {}",
    "Count up to {}!",
)
FACTS = (
    "name",
    "favourite colour",
    "favorite color",
    "city",
    "job",
    "dog",
    "cat",
    "password",
    "code",
)
RECALLS = (
    "What did I say first?",
    "What did I just say?",
    "What was my last message?",
    "What was my first message?",
)


def greeting(dice: random.Random) -> Chat:
    """Return a greeting or a question about the model itself."""
    answer = dice.choice(tuple(GREETINGS))
    if dice.random() < 0.25:
        answer = dice.choice((ME, "Hello! How can I help you?"))
    return said(dice.choice(GREETINGS[answer]), answer)


def capital(dice: random.Random) -> Chat:
    """Return the capital of a country."""
    country = dice.choice(tuple(CAPITALS))
    question = dice.choice(CAPITAL_QUESTIONS).format(country)
    return said(question, f"The capital of {country} is {CAPITALS[country]}.")


def thing(dice: random.Random) -> Chat:
    """Return the colour of a common thing."""
    one = dice.choice(tuple(THINGS))
    return said(dice.choice(THING_QUESTIONS).format(one), colour_answer(one))


def colour_answer(one: str) -> str:
    """Return the sentence about a thing's colour."""
    return f"{one[0].upper()}{one[1:]} is {THINGS[one]}."


def held_out(first: int, second: int) -> bool:
    """Whether a sum is kept for the evaluation: about one in eight."""
    return (first * 7919 + second * 104729) % 8 == 3


def sum_pair(dice: random.Random, *, held: bool) -> tuple[int, int]:
    """Two numbers to add, from the held-out ones or the others.

    Two numbers of one digit belong to both.
    """
    while True:
        high = dice.choice((10, 100, 100))
        first, second = dice.randrange(high), dice.randrange(dice.choice((10, high)))
        small = first < 10 and second < 10
        if small or held_out(first, second) == held:
            return first, second


def addition(dice: random.Random) -> Chat:
    """Return a sum of two numbers of one or two digits."""
    first, second = sum_pair(dice, held=False)
    question = dice.choice(SUM_QUESTIONS).format(first, second)
    return said(question, sum_answer(first, second))


def sum_answer(first: int, second: int) -> str:
    """Return the written sum."""
    return f"{first} + {second} = {first + second}"


def counting(dice: random.Random) -> Chat:
    """Return counting to N, at most 20."""
    last = dice.randint(1, 20)
    return said(dice.choice(COUNT_QUESTIONS).format(last), count_answer(last))


def count_answer(last: int) -> str:
    """Return the numbers up to the last one."""
    return ", ".join(str(number) for number in range(1, last + 1))


def telling(dice: random.Random) -> tuple[str, str, str]:
    """Return a fact that the user tells: its subject, its value, and the model's answer."""
    subject = dice.choice(("name", "name", *FACTS, word(dice)))
    value = dice.choice((name(dice), invented_word(dice), word(dice), number(dice)))
    if subject == "name":
        value = name(dice)
        return subject, value, f"Nice to meet you, {value}."
    return subject, value, f"Your {subject} is {value}."


def recall(dice: random.Random) -> Chat:
    """Several turns; the last asks for something said before."""
    if dice.random() < 0.25:
        return repeated(dice)
    subject, value, noted = telling(dice)
    stop = dice.choice((".", ".", "", "!"))
    told = f"My {subject} is {value}{stop}"
    if subject == "name" and dice.random() < 0.3:
        told = (
            dice.choice(
                ("I am {}", "I'm {}", "Call me {}", "Hi, my name is {}", "Hello, I am {}")
            ).format(value)
            + stop
        )
    turns = [user(told), model(noted)]
    before = [turn for _ in range(dice.choice((0, 0, 0, 1))) for turn in small_turn(dice)]
    if dice.random() < 0.25:
        other, other_value, other_noted = telling(dice)
        if other != subject:
            turns += [user(f"My {other} is {other_value}."), model(other_noted)]
    between = [turn for _ in range(dice.choice((0, 0, 1, 2))) for turn in small_turn(dice)]
    asked = dice.choice(
        (
            "What is my {}?",
            "What's my {}?",
            "what is my {}",
            "Tell me my {}.",
            "Do you remember my {}?",
        )
    )
    messages = (*before, *turns, *between, user(asked.format(subject)))
    if dice.random() < 0.2:
        return Chat((*before, user(told)), (Piece(noted),))
    return Chat(messages, (Piece(f"Your {subject} is {value}."),))


def repeated(dice: random.Random) -> Chat:
    """Return the question what was said first or last."""
    said_texts = [
        prompt(dice) if dice.random() < 0.5 else f"{word(dice)} {word(dice)}"
        for _ in range(dice.choice((1, 2, 2, 3)))
    ]
    messages: list[Message] = []
    for text in said_texts:
        messages += [user(text), model(f"You said: {text}")]
    asked = dice.choice(RECALLS)
    wanted = said_texts[0] if "first" in asked else said_texts[-1]
    return Chat((*messages, user(asked)), (Piece(f"You said: {wanted}"),))


def small_turn(dice: random.Random) -> tuple[Message, Message]:
    """Return a question and its right answer, to stand between others."""
    kind = dice.random()
    if kind < 0.5:
        asked = " ".join(word(dice) for _ in range(dice.randint(1, 5)))
        return user(asked), model(f"You said: {asked}")
    chat = dice.choice((greeting, capital, addition))(dice)
    return user(str(chat.messages[0]["content"])), model(chat.text)


def later(dice: random.Random) -> Chat:
    """Return a question of any kind after other turns: the last turn is the one to answer."""
    chat = dice.choice((greeting, capital, thing, addition, counting))(dice)
    if dice.random() < 0.5:
        asked = prompt(dice)
        chat = said(asked, f"You said: {asked}")
    turns = [turn for _ in range(dice.choice((1, 1, 2, 3))) for turn in small_turn(dice)]
    return Chat((*turns, *chat.messages), chat.answer)
