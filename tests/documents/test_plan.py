import pytest

from localaik.documents.plan import PageRange, PageSize, plan_ranges

A4 = PageSize(595, 842)
POSTER = PageSize(2000, 1000)


def plan(*sizes, dpi=150, max_side=2048, workers=2):
    return plan_ranges(sizes, dpi=dpi, max_side=max_side, workers=workers)


def test_pages_are_split_over_the_workers_in_order():
    assert plan(A4) == (PageRange(1, 1),)
    assert plan(*[A4] * 10) == (PageRange(1, 5), PageRange(6, 10))
    assert plan(*[A4] * 5) == (PageRange(1, 3), PageRange(4, 5))
    assert plan(*[A4] * 3, workers=8) == (PageRange(1, 1), PageRange(2, 2), PageRange(3, 3))


def test_ranges_are_not_too_long():
    assert [pages.count for pages in plan(*[A4] * 50)] == [16, 16, 16, 2]


def test_only_pages_that_are_too_large_are_scaled():
    assert plan(A4, POSTER, POSTER, A4, workers=1) == (
        PageRange(1, 1),
        PageRange(2, 3, scale_to=2048),
        PageRange(4, 4),
    )


@pytest.mark.parametrize(("dpi", "scale_to"), [(72, None), (73, 842)])
def test_a_page_may_just_fit(dpi, scale_to):
    assert plan(A4, dpi=dpi, max_side=842) == (PageRange(1, 1, scale_to),)


def test_no_pages_are_no_ranges():
    assert plan() == ()
