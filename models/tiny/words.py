"""Words for the synthetic chats: common English ones, and a maker of new ones."""

import random

COMMON_WORDS: tuple[str, ...] = tuple(
    """
    the be to of and a in that have it for not on with he as you do at this but his by from they
    we say her she or an will my one all would there their what so up out if about who get which
    go me when make can like time no just him know take people into year your good some could them
    see other than then now look only come its over think also back after use two how our work
    first well way even new want because any these give day most us
    """.split()
)

_ONSETS = "b c d f g h j k l m n p r s t v w z bl br ch cl cr dr fl fr gl gr pl pr sc sh sk sl sm sn sp st sw th tr tw".split()
_VOWELS = "a e i o u a e i o ai ea ee ie oa oo ou y".split()
_CODAS = "b d g k l m n p r s t x ck ft ld lf lk lm lp lt mp nd ng nk nt pt rd rk rm rn rt sh sk sp st th".split()


def invented_word(dice: random.Random) -> str:
    """A pronounceable lowercase word that is in no dictionary."""
    syllables = dice.choice((1, 1, 2, 2, 2, 3, 3, 4))
    word = ""
    for number in range(syllables):
        if number or dice.random() < 0.85:
            word += dice.choice(_ONSETS)
        word += dice.choice(_VOWELS)
        if dice.random() < 0.35:
            word += dice.choice(_CODAS)
    return word if len(word) > 1 else word + dice.choice(_CODAS)
