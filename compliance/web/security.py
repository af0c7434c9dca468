"""What every answer carries and every request must satisfy: headers, host, cookies, safe redirects."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFProtect

from compliance.core.accounts import Origin
from compliance.web.services import Site

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: What a file of somebody's gets: shown inside our pages it could do nothing at all.
FILE_POLICY = "default-src 'none'; sandbox"
#: Limits of a form (an upload's file does not count as form memory).
FORM_MEMORY = 500_000
FORM_PARTS = 1_000
_NUL = "\x00"
_LONGEST_TOKEN = 128


def session_cookie(site: Site) -> str:
    """Name of the cookie that holds the session's token."""
    return "__Host-session" if site.https else "session"


def device_cookie(site: Site) -> str:
    """Name of the cookie by which a browser is known that a person signed in from; it opens nothing."""
    return "__Host-device" if site.https else "device"


def half_cookie(site: Site) -> str:
    """Name of the cookie of a sign-in that still needs its code."""
    return "__Host-half" if site.https else "half"


def is_api() -> bool:
    """Whether a program asks, and not a page: it proves itself with every request, and cookies count for nothing."""
    return request.path.startswith("/api/")


def origin() -> Origin:
    """From where the request comes. What a proxy says of it counts only where the configuration names one."""
    site: Site = current_app.extensions["compliance"].site
    device = "" if is_api() else request.cookies.get(device_cookie(site), "")
    return Origin(request.remote_addr or "", device[:_LONGEST_TOKEN])


def protect(app: Flask, site: Site) -> None:
    """Set limits, the check of addresses, and headers."""
    app.config.update(
        SECRET_KEY=site.secret,
        MAX_CONTENT_LENGTH=site.largest_upload,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY,
        MAX_FORM_PARTS=FORM_PARTS,
        SESSION_COOKIE_NAME="__Host-form" if site.https else "form",
        SESSION_COOKIE_SECURE=site.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # lives as long as the form cookie; the session itself has its limits
        WTF_CSRF_SSL_STRICT=site.https,
    )
    app.before_request(lambda: _check_address(site))
    app.after_request(lambda response: _headers(response, site))


def protect_forms(app: Flask, unforgeable: Blueprint) -> None:
    """Refuse forged and unreadable forms; after the sign-in was checked, so that strangers' uploads are not read.

    ``unforgeable`` heeds no cookie, so nobody's browser can be made to ask it anything.
    """
    app.before_request(_check_form)
    CSRFProtect(app).exempt(unforgeable)


def safe_next(target: str | None) -> str:
    """A path of ours to go on to after signing in; the front page for anything else."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(ord(c) <= ord(" ") for c in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def _check_address(site: Site) -> None:
    if site.hosts and request.host.lower() not in site.hosts:
        abort(400)
    if _NUL in request.path:
        abort(400)


def _check_form() -> None:
    """No register stores a NUL, and no page asks for one."""
    if any(_NUL in value for value in request.form.values()):
        abort(400)


def _headers(response: Response, site: Site) -> Response:
    headers = response.headers
    if headers.get("Content-Security-Policy") != FILE_POLICY:
        headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    if site.https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    return response
