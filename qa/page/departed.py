"""Clients that have gone while their question waited: it is not asked any more, and nothing is printed.

Gradio removes a client's messages when it leaves, and then fails on the first one of each question that still waits,
with a screenful of traceback.
"""

from typing import Any

import gradio as gr
from gradio.server_messages import ProcessStartsMessage


def let_go_of_the_departed(queue: Any) -> None:  # noqa: ANN401 - Gradio's queue, which has no public type
    """Let a queue drop the questions of clients that are no longer there, and what it would tell them."""
    tell = queue.send_message

    def tell_who_is_there(event: Any, message: Any) -> None:  # noqa: ANN401
        if event.session_hash in queue.pending_messages_per_session:
            tell(event, message)
        elif isinstance(message, ProcessStartsMessage):
            raise gr.Error("the client has gone", print_exception=False)

    queue.send_message = tell_who_is_there
