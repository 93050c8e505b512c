"""Whether a question is answered, unsure or not in the library: every rule for it, in the order in which they apply.

A reader gives the probability that its best words answer. Some of these words may be ruled out. Answers that contradict
each other share the probability. In the end the status comes with a reason where there is no sure answer.
"""

from collections.abc import Sequence

from corpus.store.records import EVERYTHING, Coverage, Filters
from embeddings.library.protocol import Articles
from qa.filters import nothing_under
from qa.result import Reason, Status

_NEARLY_SURE = 0.85
"""Share of the probability of a sure answer. With it, four of seven bundled questions with contradicting answers stay
sure; one of the other three had a right answer."""


def status_of(probability: float, *, answered_from: float, unsure_from: float) -> Status:
    """Return the status of a question whose best words answer it with this probability."""
    if probability >= answered_from:
        return "answered"
    return "unsure" if probability >= unsure_from else "not_in_library"


def status_of_rest(status: Status, rest: Sequence[float], *, best: float, answered_from: float) -> Status:
    """Return the status once words that do not fit the question are ruled out.

    rest: the confidences of the words that are left, best first. best: that of the reader's best words.
    """
    if not rest:
        return "not_in_library"
    return "unsure" if status == "answered" and rest[0] < min(answered_from, best) else status


def surely_one_is_right(rivals: Sequence[float], *, answered_from: float) -> bool:
    """Tell whether one of several answers that contradict each other is surely right. rivals: their confidences.

    They share the probability. The best has to be nearly sure by itself: else all of them may answer something else.
    """
    return len(rivals) > 1 and sum(rivals) >= answered_from and max(rivals) >= _NEARLY_SURE * answered_from


def with_reason(
    status: Status, articles: Articles, coverage: Coverage, filters: Filters, *, is_found: bool, is_foreign: bool
) -> tuple[Status, Reason | None]:
    """Return the status of a question and why there is no sure answer.

    status: of what was read. coverage: what the filters leave. is_found: there are passages near the question.
    is_foreign: the question or all of these passages are in a language that the reader does not know.
    """
    if status == "answered":
        return status, None
    if status == "unsure":
        return status, Reason("unsure", "The articles may not answer this. These words are the likeliest.")
    if not coverage.articles and not articles.coverage(EVERYTHING).articles:
        return "empty_library", Reason(
            "empty_library", "The library holds no articles yet: add some with `citewire add`."
        )
    if not coverage.articles:
        return status, Reason("nothing_under_filters", nothing_under(filters, articles))
    if not is_found:
        return status, Reason("nothing_found", "The articles have nothing near this question.")
    if is_foreign:
        message = "The reader knows English alone, so it has not read these: they are what a search finds."
        return status, Reason("other_language", message)
    asked = "article does" if filters.article else "articles do"
    return status, Reason("below_threshold", f"The {asked} not say. The closest passages are below.")
