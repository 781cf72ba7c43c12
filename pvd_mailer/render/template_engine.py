"""Jinja2 as the letter needs it: strict, escaping, the publication's templates before the built-in ones.

A fault of a template is a finding that names the template and its line, also where only MJML notices it: the
same template is then rendered once more with marks that say which line each piece of the output came from.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.loaders import split_template_path
from lxml import etree

from pvd_mailer import __version__
from pvd_mailer.errors import BlockedError, os_error_reason
from pvd_mailer.findings import Finding, Location, Severity
from pvd_mailer.i18n import _, catalogue
from pvd_mailer.render import richtext
from pvd_mailer.render.cost import MAX_TEMPLATE_BYTES, step_budget
from pvd_mailer.render.limits import limited_filter
from pvd_mailer.render.sandbox import Sandbox, wrap_functions
from pvd_mailer.workspace import builtin_templates

__all__ = ["markup_finding", "render_template"]

_FORBIDDEN_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that no letter can have (XML 1.0, 2.2); templates can write them as escapes."""
_LINE_MARK = re.compile("\x02([^\x03]*):([0-9]+)\x03")


class _LineMarks(Extension):
    r"""Puts `\x02template:line\\x03` before each line of a template's own text."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        for token in stream:
            if token.type != "data":
                yield token
                continue
            lines = str(token.value).split("\n")
            marked = "\n".join(
                f"\x02{stream.name}:{token.lineno + index}\x03{line}" for index, line in enumerate(lines)
            )
            yield Token(token.lineno, "data", marked)


class _RefusedTemplateError(Exception):
    """A file that is no template for us.

    Attributes:
        name: The template's.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


class _Loader(FileSystemLoader):
    """Takes no file from outside the folders of templates, and notices that one came to stand before another.

    A link in a workspace that somebody else made could lead to any file of this machine, whose text the letter, the
    preview and the excerpt of a fault would then show.
    """

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        for folder in self.searchpath:
            path = Path(folder, *split_template_path(template))
            if path.is_file():
                if not path.resolve().is_relative_to(Path(folder).resolve().parent):
                    raise _RefusedTemplateError(template, _("it is a link that leads out of the folder of templates"))
                if path.stat().st_size > MAX_TEMPLATE_BYTES:
                    raise _RefusedTemplateError(
                        template, _("it has more than {most} bytes").format(most=MAX_TEMPLATE_BYTES)
                    )
                break
        try:
            source, file, is_unchanged = super().get_source(environment, template)
        except UnicodeDecodeError as exc:
            raise _RefusedTemplateError(template, _("it is not a text in UTF-8")) from exc
        except OSError as exc:
            raise _RefusedTemplateError(
                template, _("it cannot be read: {reason}").format(reason=os_error_reason(exc))
            ) from exc

        # Asked for each template of each letter: a Path takes longer to make than this question to answer.
        candidates = [os.path.join(folder, template) for folder in self.searchpath]  # noqa: PTH118 - as above

        def first_file() -> str | None:
            return next((path for path in candidates if os.path.isfile(path)), None)  # noqa: PTH113 - as above

        found = first_file()

        def is_current() -> bool:
            return first_file() == found and is_unchanged()

        return source, file, is_current


def _underline(text: str, character: str = "-") -> str:
    return character * min(richtext.TEXT_WIDTH, max(len(line) for line in text.split("\n")))


@lru_cache(maxsize=16)
def _environment(folders: tuple[Path, ...], lang: str, *, with_line_marks: bool = False) -> Environment:
    # Compiling the templates takes longer than rendering them. Jinja keeps the cache in a folder of the user's own and
    # knows a changed template by its text; it does not know other options, hence the version, and none when marked.
    cache = None if with_line_marks else FileSystemBytecodeCache(pattern=f"__pvd_mailer_{__version__}_priced_%s.cache")
    environment = Sandbox(
        loader=_Loader([str(folder) for folder in folders]),
        bytecode_cache=cache,
        autoescape=select_autoescape(enabled_extensions=("mjml",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", *([_LineMarks] if with_line_marks else [])],
    )
    # newstyle: values are escaped and filled in by gettext itself, not by the template.
    environment.install_gettext_translations(catalogue(lang), newstyle=True)  # type: ignore[attr-defined] # added by the extension
    filters: dict[str, Callable[..., Any]] = {
        "html": richtext.to_html,
        "capital": lambda text: text[:1].upper() + text[1:],
        "hold_compounds": richtext.hold_compounds,
        "keep_last": richtext.bind_words,
        "plain": richtext.to_text,
        "wrapped": richtext.wrap_text,
        "underline": _underline,
    }
    environment.filters |= {name: limited_filter(name, function) for name, function in filters.items()}
    return environment


def _search_path(templates: Path) -> tuple[Path, ...]:
    return (templates, builtin_templates())


def _render(environment: Environment, template: str, values: dict[str, Any]) -> str:
    """Render `template`; its `drawn(kind)` is the module of that kind of block, made once a letter."""
    modules: dict[str, Any] = {}
    suffix = template.rpartition(".")[2]

    def drawn(kind: str) -> Any:
        if kind not in modules:
            modules[kind] = environment.get_template(f"blocks/{kind}.{suffix}").make_module(variables)
        return modules[kind]

    variables = wrap_functions(values | {"drawn": drawn})
    with step_budget():
        return environment.get_template(template).render(variables)


def render_template(template: str, templates: Path, lang: str, values: dict[str, Any]) -> str:
    """Render template `template` with `values`; `templates` is the publication's folder.

    Raises:
        Blocked: a template is at fault; the finding names it and its line.
    """
    try:
        text = _render(_environment(_search_path(templates), lang), template, values)
    except BlockedError:
        raise
    except Exception as exc:
        raise BlockedError([_finding_of_error(exc, templates, template)]) from exc
    forbidden = _FORBIDDEN_CHARACTER.search(text)
    if forbidden:
        problem = _("it makes a character that no letter can have: {character}")
        raise BlockedError(
            [_template_finding(template, None, templates, problem.format(character=f"U+{ord(forbidden[0]):04X}"))]
        )
    return text


def _finding_of_error(error: Exception, templates: Path, template: str) -> Finding:
    if isinstance(error, TemplateSyntaxError):
        return _template_finding(error.name or template, error.lineno, templates, error.message or "")
    if isinstance(error, TemplateNotFound):
        return _template_finding(str(error.name or template), None, templates, _("there is no such template"))
    if isinstance(error, _RefusedTemplateError):
        return _template_finding(error.name, None, templates, str(error))
    blamed_template, line = _innermost_template(error.__traceback__, templates) or (template, None)
    if isinstance(error, RecursionError):
        return _template_finding(blamed_template, line, templates, _("it is nested too deeply"))
    if line is None and not isinstance(error, SecurityError):
        raise error  # not from inside a template: a fault of ours
    return _template_finding(blamed_template, line, templates, str(error) or type(error).__name__)


def _innermost_template(trace: TracebackType | None, templates: Path) -> tuple[str, int] | None:
    """The template that was being filled last, and its line; None where none was."""
    innermost = None
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        for folder in _search_path(templates):
            if path.is_relative_to(folder):
                innermost = path.relative_to(folder).as_posix(), trace.tb_lineno
        trace = trace.tb_next
    return innermost


def _template_finding(template: str, line: int | None, templates: Path, problem: str) -> Finding:
    path = next(
        (folder / template for folder in _search_path(templates) if (folder / template).is_file()), templates / template
    )
    display_path = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)
    excerpt = None
    if line is not None and path.is_file():
        lines = path.read_text("utf-8", "replace").split("\n")
        excerpt = lines[line - 1] if line <= len(lines) else None
    return Finding(
        "template",
        Severity.BLOCKING,
        _("the template {name} has a fault: {problem}").format(name=template, problem=problem),
        _("Correct the template, or take it out of the publication's folder to use the built-in one."),
        Location(display_path, line, 1 if line is not None else None),
        excerpt=excerpt,
    )


def markup_finding(
    template: str, templates: Path, lang: str, values: dict[str, Any], problem: str, *, near: str | None = None
) -> Finding:
    """The finding for MJML that `template` rendered to and that has a `problem`, `near` a text of it if known."""
    marked = _render(_environment(_search_path(templates), lang, with_line_marks=True), template, values)
    source = _LINE_MARK.sub("", marked)
    fault_offset, message = (source.find(near), problem) if near else _first_syntax_error(source, problem)
    blamed_template, blamed_line = template, None
    if fault_offset is not None:
        for mark_template, mark_line, mark_offset in _mark_origins(marked):
            if mark_offset > fault_offset:
                break
            blamed_template, blamed_line = mark_template, mark_line
    return _template_finding(blamed_template, blamed_line, templates, message)


def _mark_origins(marked: str) -> Iterator[tuple[str, int, int]]:
    """Template, line and offset in the unmarked text, of every mark."""
    removed = 0
    for mark in _LINE_MARK.finditer(marked):
        yield mark[1], int(mark[2]), mark.start() - removed
        removed += len(mark[0])


def _first_syntax_error(source: str, problem: str) -> tuple[int | None, str]:
    """The offset where `source` stops being well-formed, which mjml-python seldom says."""
    try:
        etree.fromstring(source.encode(), etree.XMLParser(resolve_entities=False, huge_tree=False))
    except etree.XMLSyntaxError as exc:
        line, column = exc.position
        lines = source.split("\n")
        opened = re.search(r"Opening and ending tag mismatch: (\S+) line (\d+)", exc.msg or "")
        # Of the two tags that do not match, the first is to blame where it is never closed.
        if opened and len(re.findall(rf"<{opened[1]}\b", source)) > source.count(f"</{opened[1]}>"):
            line = int(opened[2])
            column = lines[line - 1].find(f"<{opened[1]}") + 1
        return sum(len(text) + 1 for text in lines[: line - 1]) + min(max(column - 1, 0), len(lines[line - 1])), (
            exc.msg or problem
        )
    return None, problem
