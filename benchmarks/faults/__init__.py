"""Faults, load and limits: what a library promises, tried for longer than tests may take. `make faults` runs all.

Nearly everything here works on small libraries of made-up articles with an encoder that costs nothing: what is tried is
the library, not the network.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

sys.path[:0] = [str(ROOT / "tests")]  # the small encoder and articles that the tests use
