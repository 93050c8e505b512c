"""Made-up news in which several people, places and figures each have a part, and questions on the parts.

A network that has learned to find a name of the right kind learns here to tell whose it is: who led which side, who
bought and who sold, how many died and how many were hurt; and that there is no answer where a part is left out.
"""

import random
import re
from collections.abc import Iterator

from qa.train.data import Example
from qa.train.scene_tellings import TELLINGS
from qa.train.scene_town_tellings import TOWN_TELLINGS
from qa.train.scene_words import WORDS

_SLOT = re.compile(r"\{([A-Z])(\d)(a?)\}")


def scenes(most: int, random_: random.Random) -> Iterator[Example]:
    """Give examples of made-up scenes, each telling as often as every other."""
    tellings = [*TELLINGS.items(), *TOWN_TELLINGS.items()]
    for n in range(most):
        telling, asked = tellings[n % len(tellings)]
        question, slots = random_.choice(asked)
        yield _example(telling, question, slots.split(), random_)


def _example(telling: str, question: str, answering: list[str], random_: random.Random) -> Example:
    chosen: dict[str, tuple[str, str]] = {}

    def put(match: re.Match[str]) -> str:
        kind, slot = match[1], match[1] + match[2]
        if slot not in chosen:
            taken = set(chosen.values())
            chosen[slot] = next(value for _ in iter(int, 1) if (value := _drawn(kind, random_)) not in taken)
        return chosen[slot][bool(match[3])]

    passage, at = "", 0
    places: dict[str, tuple[int, int]] = {}
    for match in _SLOT.finditer(telling):
        passage += telling[at : match.start()]
        value = put(match)
        places.setdefault(match[1] + match[2], (len(passage), len(passage) + len(value)))
        passage, at = passage + value, match.end()
    passage += telling[at:]
    passage = passage[0].upper() + passage[1:]
    spans = tuple(sorted(places[slot] for slot in answering))
    return Example(_SLOT.sub(put, question), passage, spans, "scene")


def _drawn(kind: str, random_: random.Random) -> tuple[str, str]:
    """Return a value of a kind, and how it reads as an adjective."""
    if kind == "P":
        name = f"{random_.choice(WORDS['given'])} {random_.choice(WORDS['family'])}"
        return name, name
    if kind == "M":
        amount = f"${random_.choice((2, 3, 7, 12, 40, 65, 120, 310, 850))} {random_.choice(('million', 'billion'))}"
        return amount, amount
    if kind == "N":
        number = str(random_.choice((random_.randint(2, 40), random_.randint(41, 900), random_.randint(1, 90) * 100)))
        return number, number
    if kind == "A":
        age = str(random_.randint(16, 88))
        return age, age
    if kind == "Y":
        year = str(random_.randint(1961, 2026))
        return year, year
    value = random_.choice(WORDS[kind])
    name, _, adjective = value.partition("/")
    return name, adjective or name
