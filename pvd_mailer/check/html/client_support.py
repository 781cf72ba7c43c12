"""What the mail programs of our readers lack, and what their readers see instead."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pvd_mailer.i18n import N_

__all__ = ["CLIENTS", "FALLBACKS", "ClientSupport", "degraded_appearance", "load_client_support"]

CLIENTS = {
    "outlook": N_("Outlook (classic, Windows)"),
    "outlook-com": "Outlook.com",
    "gmail": "Gmail",
    "gmail-app": N_("Gmail (app)"),
    "apple-mail": "Apple Mail",
    "thunderbird": "Thunderbird",
    "orange": "Orange",
    "laposte": "La Poste",
    "sfr": "SFR",
    "free": "Free",
    "samsung": "Samsung",
}
"""By their names in the table, in the order of our readers."""


@dataclass(frozen=True, slots=True)
class ClientSupport:
    """The table, made by `make clients`.

    Attributes:
        source: Where its facts are from.
        date: When they were last brought up to date there.
        clients_lacking: By feature, the programs whose latest version lacks it.
    """

    source: str
    date: str
    clients_lacking: Mapping[str, frozenset[str]]


@cache
def load_client_support() -> ClientSupport:
    """The table as it comes with the program."""
    text = (resources.files("pvd_mailer.check") / "data" / "clients.json").read_text("utf-8")
    table = json.loads(text)
    return ClientSupport(
        table["source"], table["date"], {feature: frozenset(clients) for feature, clients in table["lacks"].items()}
    )


_DEGRADED_APPEARANCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"css-border-radius", N_("corners are square there")),
        (r"css-(?:box|text)-shadow", N_("there is no shadow there")),
        (
            r"css-(?:background-|.*-gradient|mask|border-image|clip-path|shape)",
            N_("there the background is plain, or missing: text on it has to be readable without"),
        ),
        (
            r"css-(?:animation|transition|transform|at-keyframes|scroll|resize)",
            N_("nothing moves there: what is hidden at first stays hidden"),
        ),
        (
            r"css-(?:display-|flex|grid|gap|align-items|justify-content|float|clear|position|left-|inset|z-index|column)",
            N_("there the parts stand one below the other, or one over the other"),
        ),
        (
            r"css-(?:max-|min-|box-sizing|object-|aspect|overflow|inline-size|block-|intrinsic|table-layout)",
            N_("there it is as wide and as high as its content wants"),
        ),
        (r"css-(?:at-font-face|font-|sytem-ui)", N_("letters are those of another font there")),
        (
            r"css-pseudo-class-(?:hover|active|focus|target|checked|visited|link)",
            N_("there nothing changes when it is pointed at or touched"),
        ),
        (r"css-pseudo-element", N_("what it adds is missing there")),
        (r"css-(?:pseudo|selector)", N_("the rule is not applied there")),
        (r"css-at-", N_("these rules are not applied there")),
        (
            r"css-(?:opacity|filter|backdrop|mix-blend|color-scheme|visibility)",
            N_("there it is seen in full, in its plain colours"),
        ),
        (
            r"css-(?:function|unit|variables|rgba|modern-color|important)",
            N_("the declaration is passed over there, and the one before it counts"),
        ),
        (r"css-", N_("the declaration is passed over there")),
        (r"html-style", N_("all of <style> is lost there: only what is inlined counts")),
        (
            r"html-(?:audio|video|object|svg|dialog|popover|marquee|meter|progress)",
            N_("it is not shown there: a picture with a link was expected"),
        ),
        (
            r"html-(?:form|input|button|select|textarea|required)",
            N_("the form cannot be filled in there: a link to a page was expected"),
        ),
        (r"html-(?:picture|srcset|loading)", N_("there only the plain <img> counts")),
        (r"html-anchor-links", N_("a link inside of the letter does nothing there")),
        (r"html-(?:aria|role|lang)", N_("screen readers are not told there")),
        (r"html-", N_("there it is plain text, or gone")),
        (r"image-", N_("the picture is not shown there: PNG, JPEG or GIF was expected")),
    )
)


def degraded_appearance(feature: str) -> str:
    """What a reader sees whose program lacks `feature`; to be translated."""
    return next(description for pattern, description in _DEGRADED_APPEARANCES if pattern.match(feature))


FALLBACKS: Mapping[str, str] = {
    "css-at-media": "the letter is laid out for a phone by widths in per cent; rules for narrow screens only refine it",
    "css-at-media-prefers-color-scheme": "the light colours stay, and they are legible by themselves",
    "css-border-radius": "square corners are as good",
    "css-color-scheme": "tells browsers that the letter knows the dark; who does not listen shows it light",
    "css-filter": "pictures a shade darker at night; they are themselves without it",
    "css-important": "without it a phone has the margins of a computer; nothing is lost",
    "css-max-height": "hides the preheader and the dark twin of a picture where display: none has done so already",
    "css-outline": "MJML takes browsers' line around a picture away; mail programs draw none",
    "css-overflow": "hides the preheader, as display: none does",
    "css-selector-attribute": "takes the line from under a picture's description, seen while pictures are held back",
    "css-selector-child": "margins of a phone; those of a computer stay",
    "css-text-wrap": "evens the lines of a title; they are as long as the words make them without it",
    "css-white-space": "keeps a date on one line; on two it is the same date",
    "css-word-spacing": "MJML takes a fault of one program's justified text away; nothing here is justified",
    "html-aria-hidden": "an arrow is then read out after its link",
    "html-aria-label": "the letter's title, which is the document's as well",
    "html-lang": "there is no other way to say it, and everybody else listens",
    "html-meta-color-scheme": "the same as css-color-scheme, for those who read this one",
    "html-role": "there is no other way to say that a table is layout, and everybody else listens",
    "html-style": "all that matters is inlined; a phone has the margins of a computer",
}
"""What our templates use although somebody lacks it, and why that is well. Tests hold that each is really used."""
