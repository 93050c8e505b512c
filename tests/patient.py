"""httpx's calls to servers on this machine. A busy one takes longer than the 5 seconds that httpx waits by itself."""

from functools import partial

import httpx

get = partial(httpx.get, timeout=60, verify=False)
post = partial(httpx.post, timeout=60, verify=False)
request = partial(httpx.request, timeout=60, verify=False)
stream = partial(httpx.stream, timeout=60, verify=False)
Client = partial(httpx.Client, timeout=60, verify=False)
