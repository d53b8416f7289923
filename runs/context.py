"""What every page's template knows besides its view's own context: theme, the other language, the scripts' nonce."""

from django.http import HttpRequest
from django.utils.translation import get_language

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
LANGUAGE_NAMES = {"en": "English", "ja": "日本語"}


def theme_of(request: HttpRequest) -> str:
    """The theme the browser asked for by cookie; 'auto' (follow the system) where it asks for none or an unknown one."""
    asked = request.COOKIES.get(THEME_COOKIE, "")
    return asked if asked in THEMES else "auto"


def page(request: HttpRequest) -> dict[str, object]:
    """Context processor: `theme themes language other_language` (code, name) and `csp_nonce`, the name django-htmx looks for."""
    language = (get_language() or "en")[:2]
    other = "en" if language == "ja" else "ja"
    return {
        "theme": theme_of(request),
        "themes": THEMES,
        "language": language,
        "other_language": (other, LANGUAGE_NAMES[other]),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
