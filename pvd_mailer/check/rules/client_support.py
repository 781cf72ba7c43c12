"""What the mail programs of some readers do not know."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.html.client_support import CLIENTS, FALLBACKS, degraded_appearance, load_client_support
from pvd_mailer.check.html.features import feature_uses, is_detected
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE", "unsupported_features"]

_SPELLINGS = (
    (r"css-at-media-(.*)", r"@media (\1)"),
    (r"css-at-(.*)", r"@\1"),
    (r"css-pseudo-class-(.*)", r":\1"),
    (r"css-pseudo-element-(.*)", r"::\1"),
    (r"css-selector-(.*)", r"\1"),
    (r"css-display-(.*)", r"display: \1"),
    (r"css-function-(.*)", r"\1()"),
    (r"css-unit-(.*)", r"\1"),
    (r"css-(.*)", r"\1"),
    (r"html-input-(.*)", r"<input type=\1>"),
    (r"html-(aria-.*|lang|role|target|srcset|required|popover)", r"\1"),
    (r"html-(.*)", r"<\1>"),
    (r"image-(.*)", r"\1"),
)


def _spelling(feature: str) -> str:
    """`border-radius`, `@media (hover)`, `<video>`."""
    return next(
        re.sub(pattern, spelling, feature) for pattern, spelling in _SPELLINGS if re.fullmatch(pattern, feature)
    )


def unsupported_features(tree: _Element) -> dict[str, tuple[set[str], _Element]]:
    """By feature that the letter uses: the programs that lack it where it matters to them, and its first element."""
    clients_lacking = load_client_support().clients_lacking
    unsupported: dict[str, tuple[set[str], _Element]] = {}
    for use in feature_uses(tree):
        clients = set(clients_lacking.get(use.feature, ()))
        for required in use.requires:
            clients -= clients_lacking.get(required, frozenset())
        if use.only_client is not None:
            clients &= {use.only_client}
        if clients and is_detected(use.feature):
            unsupported.setdefault(use.feature, (set(), use.element))[0].update(clients)
    return unsupported


def _check(context: CheckContext) -> Iterator[Violation]:
    for feature, (clients, element) in unsupported_features(context.tree).items():
        if feature in FALLBACKS:
            continue
        names = ", ".join(_(name) for client, name in CLIENTS.items() if client in clients)
        message = _("{feature} is not known to {clients}: {instead}")
        hint = _(
            "Do without, or see to it that nothing is lost; https://www.caniemail.com/features/{feature}/ says more."
        )
        yield Violation(
            message.format(feature=_spelling(feature), clients=names, instead=_(degraded_appearance(feature))),
            LetterElement(element),
            hint.format(feature=feature),
        )


RULE = Rule(
    id="client-support",
    severity=Severity.ADVICE,
    group=Group.CLIENTS,
    title=N_("What some mail programs do not know"),
    description=N_(
        "HTML and CSS of the letter that the latest version of a mail program lacks: classic Outlook, Outlook.com, Gmail, Apple "
        "Mail, Thunderbird, Orange, La Poste, SFR, Free, Samsung. You are told which, and what its readers see instead. The "
        "facts are those of caniemail.com (Rémi Parmentier and contributors, MIT), brought up to date by `make clients`; only "
        "what is not there at all is told, not what is there in part. What the built-in templates use with a fallback is left alone."
    ),
    hint=N_("Do without, or see to it that nothing is lost where it is not known."),
    check=_check,
)
