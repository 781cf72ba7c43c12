"""Strategies: whole valid issues whose texts are as nasty as a person's, or a prankster's, can be."""

import string
import unicodedata
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&amp;",
    "&lt;b&gt;",
    "&#8217;",
    "&",
    "<",
    ">",
    '"',
    "'",
    "\\",
    "`",
    "<!--",
    "-->",
    "<!--[if mso]>",
    "<![endif]-->",
    "]]>",
    "<![CDATA[",
    "</mj-text>",
    "</mj-text><mj-raw>",
    "<mj-include path='/etc/passwd'/>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{#",
    "#}",
    "%}",
    "${x}",
    "%(x)s",
    "%s",
    "{0}",
    'style="a: b; c"',
    ' data-premailer="ignore"',
    "<style>",
    "</style>",
    "</title>",
    "</body></html>",
    "<!DOCTYPE html>",
    "javascript:alert(1)",
    "cid:abc@example.org",
    "pvd-h-0-unsubscribe",
    "😀",
    "👩‍👩‍👧",
    "🇫🇷",
    "שלום",
    "مرحبا",
    "עברית, ואז français",
    "a\u200bb",
    "a\u200cb",
    "a\u200db",
    "\u00adcésure",
    "e\u0301té",
    "ﬁn",
    "\u2060mot",
    "n°\u00a022",
    "1\u202f000",
    "l’été",
    "« oui »",
    "Œuvre",
    "漢字",
    "ไทย",
    "Zalgo\u0336\u0337",
    "\u2028mot",
    "*gras*",
    "**",
    "_",
    "[a](b)",
    "![i](x)",
    "#titre",
    "- tiret",
    "1. un",
    "http://example.org/?a=1&b=2",
    "$1",
    "\\1",
    "\\u{a0}",
    "\\x41",
    "\U0001f1eb",
    "ß",
    "İ",
    "ŉ",
    "\ufeff",
    "\ufffd",
    "\U000e0041",
]
CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"],
    exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
WORD = st.one_of(
    st.sampled_from(["mot", "ville", "demain", "un", "été", "89 %"]),
    st.sampled_from(NASTY),
    st.text(CHARACTERS, min_size=1, max_size=6),
)


def _sound(text):
    """A text of which something is left for a reader: an editor's own fault is another test's."""
    return bool(unicodedata.normalize("NFC", text).strip()) and any(character.isalnum() for character in text)


def short(most=120):
    """A text on one line, without markup."""
    return st.lists(WORD, min_size=1, max_size=5).map(" ".join).map(lambda text: text[:most]).filter(_sound)


TEXT = short()
WEB = st.sampled_from(
    [
        "https://example.org",
        "https://example.org/a?b=1&c=2&amp;d",
        "http://exemple.example/é?q=été#là",
        "https://example.org/a'b(c)d",
        "https://xn--t-9fa.example/%C3%A9",
        "https://example.org/--x--/-->".replace(">", ""),
        "https://example.org:8443/a;b,c",
        "https://example.org/{{x}}",
        "https://example.org/%7Bx%7D",
        "https://example.org/$1&copy=2",
    ]
)
LINK = st.one_of(
    WEB,
    st.sampled_from(["mailto:nous@example.org", "mailto:nous@example.org?subject=a%20b&body=c", "tel:+33199001234"]),
)
BUTTON = st.fixed_dictionaries({"label": TEXT, "url": LINK})


def escaped(text):
    """`text` as Markdown that says just that."""
    return "".join(f"\\{character}" if character in string.punctuation else character for character in text)


@st.composite
def prose(draw):
    """Markdown, and the sentences that a reader has to find."""
    parts, sentences = [], []
    for _ in range(draw(st.integers(1, 3))):
        words = [draw(short(60)) for _ in range(draw(st.integers(1, 2)))]
        kind = draw(st.sampled_from(["text", "text", "bold", "link", "list", "sup"]))
        sentences += words
        first, rest = escaped(words[0].strip()), " ".join(escaped(word.strip()) for word in words[1:])
        if kind == "bold":
            parts.append(f"Et **a{first}b** {rest}")
            sentences[-len(words)] = f"a{words[0].strip()}b"
        elif kind == "link":
            parts.append(f"Et [{first}](<{draw(WEB)}>) {rest}")
        elif kind == "sup":
            parts.append(f"2^e^ {first} {rest}")
        elif kind == "list":
            parts.append("\n".join(f"- Et {escaped(word.strip())}" for word in words))
        else:
            parts.append(f"Et {first} {rest}")
    return {"prose": "\n\n".join(parts), "sentences": sentences}


IMAGE = st.one_of(
    st.fixed_dictionaries(
        {"file": st.just("une-image.png"), "alt": TEXT},
        optional={"credit": TEXT, "caption": TEXT, "dark_file": st.just("sombre.png")},
    ),
    st.fixed_dictionaries(
        {"file": st.just("une-image.png"), "decorative": st.just("true")}, optional={"credit": TEXT, "caption": TEXT}
    ),
)


@st.composite
def figures(draw):
    """A small table, each row with as many numbers as there are columns; numbers as a file has them, as text."""
    series = draw(st.lists(TEXT, min_size=1, max_size=3))
    number = st.sampled_from(["0", "66", "58.5", "1250", "1000000000000", "0.000001", "007".lstrip("0")])
    row = st.fixed_dictionaries({"label": TEXT, "values": st.lists(number, min_size=len(series), max_size=len(series))})
    rows = draw(st.lists(row, min_size=1, max_size=4))
    unit = draw(st.sampled_from([{}, {"unit": "%"}, {"unit": "km & <b>"}]))
    return {"caption": draw(TEXT), **unit, "series": series, "rows": rows}


@st.composite
def sections(draw):
    """Up to three further parts of an article, none of them empty."""
    part = st.fixed_dictionaries(
        {}, optional={"title": TEXT, "image": IMAGE, "figures": figures(), "body": prose()}
    ).filter(bool)
    return draw(st.lists(part, max_size=3))


@st.composite
def times(draw):
    """A start, and perhaps an end and a zone, that exist."""
    day = date(2023, 1, 1) + timedelta(draw(st.integers(0, 900)))
    length = timedelta(draw(st.integers(0, 3)))
    zone = draw(st.sampled_from([{}, {}, {"zone": "Indian/Reunion"}, {"zone": "America/Martinique"}]))
    if draw(st.booleans()):
        return {"start": day.isoformat()} | ({"end": (day + length).isoformat()} if draw(st.booleans()) else {}) | zone
    start = datetime(day.year, day.month, day.day, draw(st.integers(4, 20)), draw(st.sampled_from([0, 5, 30])))  # noqa: DTZ001 - a wall clock
    end = start + length + timedelta(minutes=90)
    return (
        {"start": f"{start:%Y-%m-%d %H:%M}"} | ({"end": f"{end:%Y-%m-%d %H:%M}"} if draw(st.booleans()) else {}) | zone
    )


@st.composite
def timed(draw, required, optional):
    return draw(st.fixed_dictionaries(required, optional=optional)) | draw(times())


def _block(kind, required, optional=None):
    return st.fixed_dictionaries(
        {"type": st.just(kind), **required}, optional={"note": st.just("ENTRE NOUS"), **(optional or {})}
    )


BUTTONS = st.lists(BUTTON, min_size=1, max_size=2)
BRIEF = st.one_of(
    st.fixed_dictionaries({"body": prose()}, optional={"title": TEXT, "link": BUTTON}),
    st.fixed_dictionaries({"body": prose()}, optional={"title": TEXT, "image": IMAGE, "buttons": BUTTONS}),
    timed({"body": prose()}, {"title": TEXT, "link": BUTTON}),
)
BLOCK = st.one_of(
    _block("heading", {"title": TEXT}, {"intro": prose()}),
    _block("editorial", {"body": prose()}, {"title": TEXT, "signature": TEXT}),
    _block(
        "article",
        {"title": TEXT, "body": prose()},
        {
            "kind": TEXT,
            "image": IMAGE,
            "image_position": st.sampled_from(["top", "left", "right"]),
            "sections": sections(),
            "buttons": BUTTONS,
        },
    ),
    _block(
        "key-figure",
        {"value": short(12), "label": TEXT},
        {"title": TEXT, "unit": short(8), "body": prose(), "source": TEXT, "image": IMAGE, "buttons": BUTTONS},
    ),
    timed(
        {"type": st.just("event"), "kind": st.sampled_from(["webinar", "meeting"])},
        {"title": TEXT, "place": TEXT, "link": BUTTON, "body": prose(), "image": IMAGE},
    ),
    _block("briefs", {"items": st.lists(BRIEF, min_size=1, max_size=3)}, {"title": TEXT, "intro": prose()}),
    _block("resource", {"title": TEXT, "body": prose(), "url": LINK}, {"kind": TEXT, "format": TEXT, "image": IMAGE}),
    _block(
        "resource", {"title": TEXT, "body": prose(), "link": BUTTON}, {"kind": TEXT, "format": TEXT, "image": IMAGE}
    ),
    _block("quote", {"body": prose(), "author": TEXT}, {"role": TEXT}),
    _block("image", {"image": IMAGE}, {"link": WEB}),
    _block(
        "video", {"title": TEXT, "link": BUTTON}, {"duration": TEXT, "body": prose(), "image": IMAGE, "transcript": WEB}
    ),
    _block("call-to-action", {"title": TEXT, "button": BUTTON}, {"body": prose()}),
    _block("snippet", {"use": st.just("rappel")}),
    _block("share", {"title": TEXT}, {"body": prose(), "by_email": st.just("false"), "follow": st.just("false")}),
)

SNIPPET = st.fixed_dictionaries({"body": prose()}, optional={"title": TEXT, "buttons": BUTTONS})
"""A text of the publication, which an issue with a block of type `snippet` overrides."""


@st.composite
def issues(draw):
    """A whole issue, prose still with its sentences."""
    head = {
        "publication": "petites-villes-de-demain",
        "number": str(draw(st.integers(1, 9999))),
        "date": (date(2023, 1, 1) + timedelta(draw(st.integers(0, 900)))).isoformat(),
        "subject": draw(TEXT),
        "preheader": draw(TEXT),
    }
    if draw(st.booleans()):
        head["lang"] = draw(st.sampled_from(["fr", "en"]))
    if draw(st.booleans()):
        head["title"] = draw(TEXT)
    blocks = draw(st.lists(BLOCK, min_size=1, max_size=6))
    if any(block["type"] == "snippet" for block in blocks):
        head["override"] = {"snippets": {"rappel": draw(SNIPPET)}}
    return head | {"blocks": [{"id": f"b{number}"} | block for number, block in enumerate(blocks)]}
