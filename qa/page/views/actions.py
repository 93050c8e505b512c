"""What can be done with a question and its answer: edit, link, copy, export, say what is wrong."""

from qa.page.model.conversation import Turn
from qa.page.views.export import FORMATS, copied_text
from qa.page.views.links import permanent_link
from qa.page.views.markup import esc


def question_tools_html(turn: Turn, number: int) -> str:
    """Return the buttons beside a question."""
    link = esc(permanent_link(turn.question, turn.earlier, turn.filters))
    about = f'<span class="cw-hidden">: {esc(turn.question)}</span>'
    return (
        '<div class="cw-tools">'
        f'<button type="button" class="cw-button cw-edit" data-turn="{number}">Edit{about}</button>'
        f'<button type="button" class="cw-button cw-copy" data-link="{link}">Copy link{about}</button></div>'
    )


def actions_html(turn: Turn, name: str) -> str:
    """Return the row of actions under an answer."""
    token = esc(turn.token)
    one = "".join(_download("answer", token, suffix, label) for suffix, label in FORMATS.items())
    whole = "".join(_download("conversation", token, suffix, label) for suffix, label in FORMATS.items())
    return (
        f'<div class="cw-actions"><button type="button" class="cw-button cw-copy" '
        f'data-text="{esc(copied_text(turn))}">Copy with citations</button>'
        f'<details class="cw-menu"><summary class="cw-button">Export</summary><div class="cw-menu-body">'
        f"<p>This answer</p><ul>{one}</ul><p>Conversation so far</p><ul>{whole}</ul></div></details>"
        f"{_feedback_html(token, name)}</div>"
    )


def _download(what: str, token: str, suffix: str, label: str) -> str:
    return f'<li><a href="{what}/{token}.{suffix}" download>{label}</a></li>'


def _feedback_html(token: str, name: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="{name}-verdict" value="{value}"{" required" if value == "right" else ""}> '
        f"{label}</label>"
        for value, label in (("right", "Right"), ("answer_wrong", "Answer wrong"), ("evidence_wrong", "Evidence wrong"))
    )
    return (
        f'<details class="cw-menu cw-feedback"><summary class="cw-button">Feedback</summary>'
        f'<form class="cw-menu-body" data-token="{token}"><fieldset><legend>How was this answer?</legend>{choices}'
        f'</fieldset><label for="{name}-words">What would be right? In the articles’ words, if you can.</label>'
        f'<textarea id="{name}-words" name="words" rows="2" maxlength="2000"></textarea>'
        f'<button type="submit" class="cw-button cw-primary">Send feedback</button>'
        f'<p class="cw-form-status" role="status"></p></form></details>'
    )
