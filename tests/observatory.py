"""The grade that Mozilla's HTTP Observatory gives for the headers of an answer.

The rules and points are those of https://github.com/mdn/mdn-http-observatory (src/grader/charts.js), without what only
a scan of the internet can show: preloaded hosts and certificates.
"""

import re
from collections.abc import Mapping, Sequence

LEAST_FOR_EXTRA_CREDIT = 90
GRADES = ((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (45, "C-"))
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def grade(headers: Mapping[str, str], cookies: Sequence[str] = ()) -> str:
    """`headers` by their names in small letters; `cookies` are the values of Set-Cookie."""
    points = [
        _policy(headers.get("content-security-policy", "")),
        _cookies(cookies),
        -50 if headers.get("access-control-allow-credentials") else 0,
        _referrer(headers.get("referrer-policy", "")),
        _transport(headers.get("strict-transport-security", "")),
        0 if headers.get("x-content-type-options") == "nosniff" else -5,
        _framing(headers),
        10 if headers.get("cross-origin-resource-policy") in ("same-origin", "same-site") else 0,
    ]
    score = 100 + sum(each for each in points if each < 0)
    if score >= LEAST_FOR_EXTRA_CREDIT:
        score += sum(each for each in points if each > 0)
    return next((name for least, name in GRADES if score >= least), "D or F")


def _directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def _policy(policy: str) -> int:
    if not policy:
        return -25
    directives = _directives(policy)
    default = directives.get("default-src", ["*"])
    script, style = directives.get("script-src", default), directives.get("style-src", default)
    objects = directives.get("object-src", default)
    if {"'unsafe-inline'", "data:", "*", "https:", "http:"} & {*script, *objects}:
        return -20
    if any(source.startswith("http:") for sources in directives.values() for source in sources):
        return -20
    if "'unsafe-eval'" in script:
        return -10
    if {"'unsafe-inline'", "data:", "*", "https:"} & set(style):
        return 0
    closed = directives.get("form-action") in (["'none'"], ["'self'"])
    return 10 if default == ["'none'"] and closed else 5


def _cookies(cookies: Sequence[str]) -> int:
    found = [{part.strip().lower() for part in cookie.split(";")[1:]} for cookie in cookies]
    if any("secure" not in flags for flags in found):
        return -40
    if any("httponly" not in flags for flags in found):
        return -30
    if any(not {"samesite=lax", "samesite=strict"} & flags for flags in found):
        return -20
    return 5 if found else 0


def _referrer(policy: str) -> int:
    if not policy:
        return 0
    return 5 if policy in PRIVATE else -5


def _transport(header: str) -> int:
    age = re.search(r"max-age=(\d+)", header)
    if age is None:
        return -20
    return 0 if int(age[1]) >= 15_768_000 else -10


def _framing(headers: Mapping[str, str]) -> int:
    if "frame-ancestors" in _directives(headers.get("content-security-policy", "")):
        return 5
    return 0 if headers.get("x-frame-options", "").upper() in ("SAMEORIGIN", "DENY") else -20
