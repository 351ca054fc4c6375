"""Something that many wait for."""

from twisted.internet.defer import CancelledError

from localaik.milestone import Milestone


def outcome(deferred):
    """Give what a Deferred fires with, as it comes."""
    got = []
    deferred.addBoth(got.append)
    return got


def test_all_that_wait_are_told_when_it_is_reached():
    milestone = Milestone()
    first, second = outcome(milestone.wait()), outcome(milestone.wait())
    assert (first, second) == ([], [])
    milestone.reach("x")
    assert (first, second, outcome(milestone.wait())) == (["x"], ["x"], ["x"])


def test_all_that_wait_are_told_when_it_is_missed():
    milestone = Milestone()
    waiting = outcome(milestone.wait())
    reason = ValueError("never")
    milestone.miss(reason)
    assert [waiting[0].value, outcome(milestone.wait())[0].value] == [reason, reason]


def test_nobody_needs_to_wait():
    milestone = Milestone()
    milestone.miss(ValueError("never"))
    milestone.reach(None)
    assert outcome(milestone.wait()) == [None]


def test_it_can_lie_ahead_again():
    milestone = Milestone()
    milestone.reach(1)
    milestone.reset()
    waiting = outcome(milestone.wait())
    assert waiting == []
    milestone.reach(2)
    assert waiting == [2]


def test_a_reset_does_not_forget_who_waits():
    milestone = Milestone()
    waiting = outcome(milestone.wait())
    milestone.reset()
    milestone.reach(1)
    assert waiting == [1]


def test_one_that_waits_may_give_up():
    milestone = Milestone()
    gone, waiting = milestone.wait(), outcome(milestone.wait())
    got = outcome(gone)
    gone.cancel()
    assert got[0].check(CancelledError)
    milestone.reach(1)
    assert (waiting, len(got)) == ([1], 1)


def test_whoever_is_told_may_wait_for_the_next_time():
    milestone = Milestone()
    again = []

    def told(value):
        milestone.reset()
        milestone.wait().addCallback(again.append)

    milestone.wait().addCallback(told)
    milestone.reach(1)
    assert again == []
    milestone.reach(2)
    assert again == [2]
