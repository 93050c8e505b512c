"""The licences of everything that Citewire installs, from the metadata that each package brings: `make licences`.

One line a package: name, version, licence. Ends with exit code 1 when one is not permissive, or not known.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

_PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Unlicense|Zlib|CC0|HPND|0BSD|MPL|Mozilla Public License|BSL"
    r"|Boost|CNRI-Python)\b",
    re.IGNORECASE,
)  # MPL binds changes to its own files only
_BINDING = re.compile(r"\b(AGPL|GPL|LGPL|SSPL|CC-BY-NC|proprietary|Affero|General Public)", re.IGNORECASE)
_KNOWN: dict[str, str] = {}  # packages whose metadata does not say, with the licence their files state
_EITHER = re.compile(r"\bOR\b|dual|/", re.IGNORECASE)


def installed(name: str = "citewire") -> dict[str, str]:
    """Return every package that installing `name` brings, without extras, and its version."""
    found: dict[str, str] = {}
    waiting = [(name, frozenset[str]())]
    seen = set(waiting)
    while waiting:
        package, extras = waiting.pop()
        try:
            metadata = distribution(package)
        except PackageNotFoundError:
            continue  # for another system or another Python
        found[metadata.metadata["Name"]] = metadata.version
        for line in metadata.requires or []:
            needed = Requirement(line)
            wanted = needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *extras))
            if wanted and (step := (needed.name, frozenset(needed.extras))) not in seen:
                seen.add(step)
                waiting.append(step)
    found.pop(name, None)
    return found


def licence(package: str) -> str:
    """Return what a package's metadata says of its licence, in one line; empty when it says nothing."""
    metadata = distribution(package).metadata
    expression = metadata["License-Expression"] or ""
    classifiers = [
        c.rsplit("::", 1)[1].strip() for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")
    ]
    stated = (metadata["License"] or "").strip().splitlines()
    return expression or ", ".join(c for c in classifiers if c != "OSI Approved") or (stated[0] if stated else "")


def is_permissive(stated: str) -> bool:
    """Whether a licence lets anybody use, change and pass on the package, also as part of something closed."""
    if _BINDING.search(stated) and not _EITHER.search(stated):
        return False
    return _PERMISSIVE.search(stated) is not None


def main() -> int:
    """Print all licences, and those that want a look last."""
    flagged = []
    for package, version in sorted(installed().items(), key=lambda item: item[0].lower()):
        stated = licence(package) or _KNOWN.get(package, "")
        print(f"{package} {version}  {stated or 'not stated'}")
        if not is_permissive(stated):
            flagged.append(f"{package} ({stated or 'not stated'})")
    if flagged:
        print(f"not permissive, or not stated: {'; '.join(flagged)}", file=sys.stderr)
    return 1 if flagged else 0


if __name__ == "__main__":
    sys.exit(main())
