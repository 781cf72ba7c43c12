"""Runs a command and turns whatever stops it into words and an exit code."""

import os
import sys
import traceback

import click

from pvd_mailer.cli.app import app
from pvd_mailer.cli.context import EXIT_FAILED, EXIT_INTERRUPTED
from pvd_mailer.cli.output import diagnostics
from pvd_mailer.errors import BlockedError, PvdError, os_error_reason
from pvd_mailer.i18n import N_, NN_, _

__all__ = ["run"]


CLICK_MESSAGES = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing parameter: {param_name}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    NN_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    N_("Option {name!r} does not take a value."),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("required"),
    N_("default: {default}"),
)
"""click's own words, for the catalogue: click asks for them at run time."""


def run(arguments: list[str] | None) -> int:
    """Run the command named by `arguments` (the process's own where None), and return the exit code."""
    try:
        result = app.main(args=arguments, prog_name="pvd-mailer", standalone_mode=False)
    except BlockedError as blocked:
        diagnostics.print_findings(blocked.findings)
        return blocked.exit_code
    except PvdError as error:
        diagnostics.print_failure(str(error), error.hint)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return error.exit_code
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        diagnostics.print_failure(_("interrupted"), _("Run the same command again: what is done is not done twice."))
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`| head`); there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = error.filename if isinstance(error.filename, str | os.PathLike) else ""
        diagnostics.print_failure(
            _("the system refused: {reason} {name}").format(reason=os_error_reason(error), name=name),
            _("Check the folder, its permissions and the space left on the disk."),
        )
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - the last net: a person never sees a trace
        diagnostics.print_failure(
            _("this is a fault of the program: {kind}").format(kind=type(error).__name__),
            _("Run it again with PVD_DEBUG=1 and send what it prints to the developers."),
        )
        if os.environ.get("PVD_DEBUG"):
            traceback.print_exc()
        return EXIT_FAILED
    return result if isinstance(result, int) else 0
