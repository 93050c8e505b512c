"""The login form as a page of its own, which runs no script."""

from qa.page.views.article import plain_page
from qa.page.views.markup import esc

LOGIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def login_page(wanted: str, *, problem: str = "", name: str = "") -> str:
    """Return the form; `wanted` is where to go on to, `problem` why the last try failed."""
    alert = f'<p class="cw-login-problem" role="alert" id="cw-problem">{esc(problem)}</p>' if problem else ""
    described = ' aria-describedby="cw-problem" aria-invalid="true"' if problem else ""
    at_name, at_password = ("", " autofocus") if problem and name else (" autofocus", "")
    return plain_page(
        "Log in",
        '<form class="cw-login" method="post" action="login"><h1 class="cw-headline">Citewire</h1>'
        f"<p>These articles are behind a password.</p>{alert}"
        f'<input type="hidden" name="next" value="{esc(wanted)}">'
        f'<label>Name <input type="text" name="username" value="{esc(name)}" autocomplete="username" '
        f'autocapitalize="none" required{described}{at_name}></label>'
        '<label>Password <input type="password" name="password" autocomplete="current-password" '
        f'required{described}{at_password}></label><button type="submit">Log in</button></form>',
    )
