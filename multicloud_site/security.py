"""What every answer tells the browser: nothing from elsewhere, nothing inline, in no frame."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: `form-action` also takes the sign-in issuers named in settings.CSP_FORM_ACTIONS: without them, a form that ends in a
#: redirect to another origin is blocked.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
}


class SecurityHeaders:
    """Middleware that puts the policy on every answer, static files and the admin's pages included. It stands first.

    Pages are for one person: no shared cache keeps them, and the browser asks again before it shows one a second time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        forms = " ".join(["'self'", *getattr(settings, "CSP_FORM_ACTIONS", ())])
        self.headers = {"Content-Security-Policy": _POLICY.format(forms=forms), **_HEADERS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response[name] = value
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
