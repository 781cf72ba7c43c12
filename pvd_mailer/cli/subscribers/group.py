"""The commands on subscribers: how people come in, and how they go; with those that look, and those of their rights."""

import click

from pvd_mailer import clock
from pvd_mailer.cli.context import FullHelpCommand, OrderedGroup, form_option, load_context
from pvd_mailer.cli.output import import_plan, subscriber_list
from pvd_mailer.cli.subscribers.importing import BASIS_CHOICES, import_command, plain_text_option
from pvd_mailer.cli.subscribers.lists import export_command, list_command, show_command
from pvd_mailer.cli.subscribers.privacy import (
    access_report_command,
    address_argument,
    forget_command,
    retention_command,
)
from pvd_mailer.database.states import LegalBasis
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.services.subscribers.changes import add_person, unsubscribe_person
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.importing.consent import parse_consent_date
from pvd_mailer.subscribers.importing.decisions import ImportAction
from pvd_mailer.subscribers.mutations import SubscriberData
from pvd_mailer.subscribers.queries import LegalProof
from pvd_mailer.subscribers.tags import VALUE_SEPARATOR, tag_key, value_key

__all__ = ["subscribers_group"]


@click.group(
    "subscribers",
    cls=OrderedGroup,
    help=_("The people who are written to: import a list, look, let go, export."),
    subcommand_metavar=_("COMMAND …"),
    options_metavar=_("[OPTIONS]"),
)
def subscribers_group() -> None:
    """Hold the commands together."""


@click.command("add", cls=FullHelpCommand, help=_("Add one person, with the proof that they may be written to."))
@address_argument
@click.option(
    "--basis",
    required=True,
    type=click.Choice(BASIS_CHOICES),
    help=_("Why this person may be written to."),
)
@click.option(
    "--source", metavar=_("TEXT"), required=True, help=_("Where from: a call, a form, a meeting and its date.")
)
@click.option("--wording", metavar=_("TEXT"), default="", help=_("What the person was told, word for word."))
@click.option("--date", "day", metavar=_("DATE"), help=_("When they agreed or were informed; today if not given."))
@click.option("--first-name", metavar=_("TEXT"), default="", help=_("First name."))
@click.option("--last-name", metavar=_("TEXT"), default="", help=_("Last name."))
@click.option(
    "--tag", "marks", metavar=_("KEY=VALUE"), multiple=True, help=_("A tag, such as role=maire. May be repeated.")
)
@click.option(
    "--own-request",
    "returns",
    is_flag=True,
    help=_("The person has asked for it in so many words, and comes back although they had left. Needs consent."),
)
@form_option
def add_command(
    *,
    written: str,
    basis: str,
    source: str,
    wording: str,
    day: str | None,
    first_name: str,
    last_name: str,
    marks: tuple[str, ...],
    form: str,
    returns: bool,
) -> int:
    """Add a subscriber."""
    if returns and basis != LegalBasis.CONSENT:
        raise click.UsageError(_("--own-request goes with --basis consent: nobody comes back but by their own wish."))
    now = clock.now()
    address = parse_address(written)
    person = SubscriberData(
        address,
        plain_text_option(first_name, "--first-name"),
        plain_text_option(last_name, "--last-name"),
        _tags(marks),
    )
    text = plain_text_option(source, "--source")
    proof = LegalProof(
        LegalBasis(basis), parse_consent_date(day, now) if day else now, text, plain_text_option(wording, "--wording")
    )
    with load_context().app_context() as app_context:
        verdict = add_person(app_context, person, proof, now, own_request=returns)
    if verdict.action is ImportAction.REFUSED:
        raise WrongUsageError(
            _("{address} is not added: {why}").format(
                address=address.as_written, why=import_plan.decision_reason(verdict)
            ),
            _("If the person asks to come back, in so many words, say so with --own-request."),
        )
    if form == "json":
        click.echo(subscriber_list.json_text({"address": address.as_written, "fate": str(verdict.action)}))
        return 0
    texts = {
        ImportAction.ADDED: _("{address} is subscribed."),
        ImportAction.UPDATED: _("{address} was subscribed already; what was known is brought up to date."),
    }
    text = texts.get(verdict.action, _("{address} was subscribed already; nothing to change."))
    click.echo(text.format(address=address.as_written))
    if verdict.reason is not None:
        click.echo(import_plan.decision_reason(verdict))
    return 0


def _tags(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, _equals, value = pair.partition("=")
        key = tag_key(name)
        if not key or not value_key(key, value):
            raise WrongUsageError(
                _("--tag “{pair}” is not understood").format(pair=pair), _("Write it like this: --tag role=maire")
            )
        parts = [part for part in plain_text_option(value, "--tag").split(VALUE_SEPARATOR) if value_key(key, part)]
        tags[key] = (*tags.get(key, ()), *(part.strip() for part in parts))
    return tags


@click.command("unsubscribe", cls=FullHelpCommand, help=_("Let one person go: no more letters from now on."))
@address_argument
@form_option
def unsubscribe_command(written: str, form: str) -> int:
    """Unsubscribe a person, or write down that somebody who was never here is not to be added."""
    address = parse_address(written)
    with load_context().app_context() as app_context:
        result = unsubscribe_person(app_context, address, clock.now())
    if form == "json":
        click.echo(
            subscriber_list.json_text(
                {"address": address.as_written, "changed": result.changed, "known": result.is_known}
            )
        )
        return 0
    if not result.changed:
        text = _("{address} had left already; nothing to do.")
    elif not result.is_known:
        text = _(
            "{address} was not on the list. It is written down that this person is not to be written to: no list adds "
            "them any more. If you meant somebody else, check the spelling."
        )
    else:
        text = _("{address} is unsubscribed: no letter leaves for it any more.")
    import_plan.print_wrapped(text.format(address=address.as_written))
    return 0


for _command in (
    import_command,
    list_command,
    show_command,
    add_command,
    unsubscribe_command,
    export_command,
    access_report_command,
    forget_command,
    retention_command,
):
    subscribers_group.add_command(_command)
