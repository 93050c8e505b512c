"""Units of measure in their base units, and words that count the same thing."""

_LENGTH = {"kilometre": 1e3, "kilometer": 1e3, "km": 1e3, "metre": 1.0, "meter": 1.0, "m": 1.0, "mile": 1609.34}
_LENGTH |= {"foot": 0.3048, "feet": 0.3048, "ft": 0.3048, "inch": 0.0254, "yard": 0.9144, "centimetre": 0.01}
_LENGTH |= {"centimeter": 0.01, "cm": 0.01, "millimetre": 1e-3, "millimeter": 1e-3, "mm": 1e-3}
_MASS = {"kilogram": 1.0, "kilo": 1.0, "kg": 1.0, "tonne": 1e3, "ton": 1e3, "gram": 1e-3, "ounce": 0.02835}
_DAY = 86_400.0
TIME = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": _DAY, "week": 7 * _DAY, "month": 30.44 * _DAY}
TIME |= {"year": 365.25 * _DAY, "decade": 3652.5 * _DAY, "century": 36_525 * _DAY}
_AREA = {"acre": 4046.9, "hectare": 1e4}
UNITS = {name: ("length", size) for name, size in _LENGTH.items()}
UNITS |= {name: ("mass", size) for name, size in _MASS.items()}
UNITS |= {name: ("time", size) for name, size in TIME.items()}
UNITS |= {name: ("area", size) for name, size in _AREA.items()}
UNITS |= {name: (name, 1.0) for name in ("$", "£", "€", "rupee", "yen", "%", "degree")}
UNITS |= {"dollar": ("$", 1.0), "euro": ("€", 1.0), "pound": ("£", 1.0), "percent": ("%", 1.0), "°": ("degree", 1.0)}
_SAME_NOUN = (
    "person people dead death fatality victim body life",
    "house home dwelling",
    "worker employee",
    "child kid",
    "police officer policeman",
    "soldier troop",
)
_NOUNS = {noun: line.split()[0] for line in _SAME_NOUN for noun in line.split()}


def singular(word: str) -> str:
    """Return a counted word in the singular, and for words that count the same one of them."""
    base = word.casefold().removesuffix("'s").removesuffix("’s")
    if len(base) > 4 and base.endswith("ies"):
        base = base[:-3] + "y"
    elif len(base) > 4 and base.endswith(("ches", "shes", "sses", "xes")):
        base = base[:-2]
    elif len(base) > 3 and base.endswith("s") and not base.endswith(("ss", "us", "is")):
        base = base[:-1]
    return _NOUNS.get(base, base)
