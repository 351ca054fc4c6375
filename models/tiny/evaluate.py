"""Measure the tiny model's skills through real llama.cpp at temperature 0.

Every prompt is made from the seed: made-up words and new combinations, and
sums that training leaves out. Exit status 1 if a skill is under its threshold.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asking import Server
from conversations import echo, orders
from conversations.phrases import prompt
from export import FOLDER
from trials import Trial, calling, facts, records, vision
from trials.plain import chat_trial


@dataclass(frozen=True)
class Skill:
    """A skill's trials, how many to run, and the share that must succeed."""

    trial: Callable[[random.Random], Trial]
    count: int
    threshold: float


def echo_trial(dice: random.Random) -> Trial:
    """Return a prompt of 1 to 20 words."""
    while True:
        asked = prompt(dice)
        if len(asked.split()) <= 20:
            return chat_trial(echo.echo_of(asked))


SKILLS: Mapping[str, Skill] = {
    "echo": Skill(echo_trial, 500, 0.98),
    "obey": Skill(lambda dice: chat_trial(echo.obey(dice)), 200, 0.98),
    "talk": Skill(facts.talk_trial, 200, 0.95),
    "sums": Skill(facts.held_sum, 100, 0.95),
    "recall": Skill(facts.recalled, 100, 0.95),
    "system: capitals": Skill(lambda dice: chat_trial(orders.capitals(dice)), 100, 0.9),
    "system: one word": Skill(lambda dice: chat_trial(orders.one_word(dice)), 100, 0.9),
    "system: ending": Skill(lambda dice: chat_trial(orders.ending(dice)), 100, 0.9),
    "structured output": Skill(records.schema_trial, 200, 0.9),
    "tools: call": Skill(calling.call_trial, 200, 0.9),
    "tools: result": Skill(calling.result_trial, 100, 0.9),
    "tools: no call": Skill(calling.text_trial, 100, 0.9),
    "vision: colour": Skill(vision.colour_trial, 100, 0.95),
    "vision: count": Skill(vision.count_trial, 60, 0.95),
    "vision: text or blank": Skill(vision.blank_trial, 60, 0.95),
    "vision: colours of pages": Skill(vision.pages_trial, 60, 0.95),
}


def measure(server: Server, name: str, chosen: argparse.Namespace) -> bool:
    """Run one skill, print its figure, and say whether it is good enough."""
    skill = SKILLS[name]
    dice = random.Random(f"{chosen.seed} {name}")
    count = max(1, round(skill.count * chosen.count / 100))
    trials = [skill.trial(dice) for _ in range(count)]
    began = time.time()
    answers = server.ask_all([trial.body for trial in trials])
    failed = [
        (trial, answer)
        for trial, answer in zip(trials, answers, strict=True)
        if not trial.right(answer)
    ]
    share = 1 - len(failed) / count
    good = share >= skill.threshold
    print(
        f"{name:26} {share:7.1%} of {count:4} (at least {skill.threshold:.0%})"
        f" {time.time() - began:5.1f} s{'' if good else '  TOO LOW'}",
        flush=True,
    )
    for trial, answer in failed[: chosen.show]:
        print(
            f"    asked   {trial.asked!r}\n    wanted  {trial.wanted!r}\n"
            f"    got     {answer.text!r} {answer.calls or ''} {answer.finish}"
        )
    return good


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and say how it went."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", default="1")
    options.add_argument(
        "--count", type=int, default=100, help="per cent of each skill's usual number of trials"
    )
    options.add_argument("--show", type=int, default=0, help="failures to print for each skill")
    options.add_argument("--skill", help="only skills whose name begins so")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--folder", type=Path, default=FOLDER)
    chosen = options.parse_args(arguments)
    server = Server(chosen.folder, threads=chosen.threads)
    names = [name for name in SKILLS if name.startswith(chosen.skill or "")]
    good = [measure(server, name, chosen) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
