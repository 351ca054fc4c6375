from localaik.wire.stages import pipe


class Words:
    """Splits text at blanks; the last word is known at the end only."""

    def __init__(self):
        self.rest = ""

    def feed(self, item):
        *words, self.rest = (self.rest + item).split(" ")
        return words

    def finish(self):
        return [self.rest] if self.rest else []


class Pairs:
    """Joins items two by two."""

    def __init__(self):
        self.held = []

    def feed(self, item):
        self.held.append(item)
        if len(self.held) < 2:
            return []
        pair, self.held = "+".join(self.held), []
        return [pair]

    def finish(self):
        return [*self.held, "end"]


def run(stage, items):
    return [list(stage.feed(item)) for item in items], list(stage.finish())


def test_items_go_through_both_stages():
    grown, end = run(pipe(Words(), Pairs()), ["a b", "b c d", " e f"])
    assert grown == [[], ["a+bb"], ["c+d"]]
    assert end == ["e+f", "end"]


def test_what_the_first_holds_back_reaches_the_second_before_its_end():
    assert run(pipe(Words(), Pairs()), ["a b c"]) == ([["a+b"]], ["c", "end"])


def test_a_pipe_is_a_stage_itself():
    stage = pipe(pipe(Words(), Words()), Pairs())
    assert run(stage, ["a b ", "c"]) == ([[], []], ["abc", "end"])


def test_no_input_gives_the_end_only():
    assert run(pipe(Words(), Pairs()), []) == ([], ["end"])
