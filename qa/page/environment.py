"""What has to be settled before Gradio is imported, so that it talks to nobody and takes no orders from outside."""

import os

_SETTINGS = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
_IGNORED = (
    "GRADIO_ALLOWED_PATHS",
    "GRADIO_DEBUG",
    "GRADIO_HOT_RELOAD",
    "GRADIO_LOCAL_DEV_MODE",
    "GRADIO_MCP_SERVER",
    "GRADIO_NUM_WORKERS",
    "GRADIO_SERVER_NAME",
    "GRADIO_SERVER_PORT",
    "GRADIO_SHARE",
    "GRADIO_SSR_MODE",
    "GRADIO_WATCH_DIRS",
)
"""Variables of Gradio that would open files, ports or a public link that nobody asked Citewire for."""


def settle_environment() -> None:
    """Switch off Gradio's reports and its own variables, and keep its calls to itself off any proxy."""
    os.environ.update(_SETTINGS)
    for name in _IGNORED:
        os.environ.pop(name, None)
    if os.environ.get("SYSTEM") == "spaces":
        del os.environ["SYSTEM"]  # in a Hugging Face Space Gradio would watch the files, for which it lacks a package
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "::1"]))
