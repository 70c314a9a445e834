"""How heavy the pages are: every page that links lead to from the overview, as the running product sends it."""

import re
from collections import Counter, deque
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.bench.operating import round_of
from tests.bench.product import estate_is_read, running, signed_in
from tests.running.product import Product

#: Pages of one kind that are fetched: they differ by what they show, not by how they are built.
ALIKE = 5
CHOSEN = "chosen for the bench"
MOST_PAGES = 400
#: Changes made beforehand, so that the pages of operations are full, too.
OPERATIONS = 60
NAMES = re.compile(r"(?<=/)(?:(?:res|op)-[^/]+|(?=[^/]*\d)[^/]+)")


def measure(home: Path) -> dict[str, float]:
    with running(home) as product:
        actor = signed_in()
        estate_is_read()
        round_of(actor, "pages", OPERATIONS)
        weights = weighed(product)
    for url, size in sorted(weights.items(), key=lambda pair: -pair[1])[:8]:
        print(f"page_kb: {size / 1000:7.1f}  {url}")
    paths = {shape_of(url).partition("?")[0] for url in weights}
    print(f"page_kb: {len(weights)} pages: {' '.join(sorted(paths))}")
    return {"page_kb": max(weights.values()) / 1000}


def weighed(product: Product) -> dict[str, int]:
    """Bytes of each page, uncompressed, found by following links from the overview after signing in."""
    opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    weights, alike = {}, Counter[str]()
    waiting, seen = deque([sign_in(opener, product)]), set()
    while waiting and len(weights) < MOST_PAGES:
        url = waiting.popleft()
        if url in seen or "logout" in url or alike[shape_of(url)] >= ALIKE:
            continue
        seen.add(url)
        alike[shape_of(url)] += 1
        with opener.open(url, timeout=60) as answer:
            if "text/html" not in answer.headers.get("Content-Type", ""):
                continue
            body = answer.read()
        weights[url] = len(body)
        links = (urldefrag(urljoin(url, unescape(link))).url for link in re.findall(r'href="([^"]+)"', body.decode()))
        waiting += [link for link in links if link.startswith(product.address) and "/static/" not in link]
    return weights


def sign_in(opener: object, product: Product) -> str:
    """The address that signing in leads to."""
    login, change = (urljoin(product.address, f"account/{path}/") for path in ("login", "password/change"))
    _submit(opener, login, login="admin", password=product.password)
    _submit(opener, change, oldpassword=product.password, password1=CHOSEN, password2=CHOSEN)
    url = _submit(opener, login, login="admin", password=CHOSEN)
    if "/login" in url or "/password" in url:
        raise RuntimeError("signing in failed")
    return url


def _submit(opener: object, url: str, **fields: str) -> str:
    """Fill in the form of a page. The address that it leads to."""
    with opener.open(url, timeout=30) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode()).group(1)
    form = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
    with opener.open(url, form, timeout=30) as page:
        return page.url


def shape_of(url: str) -> str:
    """What kind of page an address is: its path with names of things taken out, and the names of its parameters."""
    parts = urlsplit(url)
    return (
        NAMES.sub("*", parts.path) + "?" + "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&")}))
    )
