"""A template is data: whoever writes one can neither become the program nor hold it up."""

import http.server
import threading
from contextlib import suppress

import pytest

from pvd_mailer.errors import BlockedError
from pvd_mailer.workspace import builtin_templates

KEY = "SG.not-for-a-template"

BREAKOUTS = {
    "the builtins of a text": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the globals of Jinja2's own functions": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "by subscript": "{{ issue['__class__']['__init__']['__globals__'] }}",
    "by the filter attr": "{{ issue | attr('__class__') }}",
    "by map": "{{ ([issue] | map(attribute='__class__') | first).__name__ }}",
    "by sort": "{{ [issue, issue] | sort(attribute='__class__.__name__') }}",
    "by groupby": "{{ ([issue] | groupby('__dict__') | first).grouper.items() }}",
    "by format": "{{ '{0.__class__.__init__.__globals__}'.format(issue) }}",
    "by format_map": "{{ '{a.__class__}'.format_map({'a': issue}) }}",
    "by a macro": "{% macro m() %}{% endmacro %}{{ m.__class__.__init__.__globals__ }}{{ m._func.__globals__ }}",
    "by a loop": "{% for one in [1] %}{{ loop.__class__.__init__.__globals__ }}{% endfor %}",
    "by an undefined name": "{{ nothing.__class__.__init__.__globals__ }}",
    "by the template itself": "{{ self.__init__.__globals__ }}{{ self._TemplateReference__context.environment }}",
    "by a function of ours": "{{ when.function.__globals__ }}",
    "by a function's own attributes": "{{ src.__globals__ }}{{ _.__globals__ }}",
    "a file by pydantic": "{{ issue.parse_file('/etc/passwd') }}",
    "a pickle by pydantic": "{{ issue.parse_raw('x', content_type='pickle', allow_pickle=true) }}",
    "a model made without being validated": "{{ issue.model_construct(number=9) }}",
    "a model's methods": "{{ issue.model_dump_json() }}",
    "a model's schema": "{{ publication.model_fields }}",
    "a change of what is given": "{% do issue.blocks.append(1) %}",
    "a change of a dictionary": "{% do {'a': 1}.update({'b': 2}) %}",
    "a setting of ours": "{% set x = theme.light %}{% do x.__setattr__('ink', 'red') %}",
    "a generic alias": "{{ dict[''].__origin__ }}{{ dict[''].mro() }}",
    "chance": "{{ [1, 2, 3] | random }}",
}
NESTED = "{% set a = [1, 1] %}" + "{% set a = [a, a] %}" * 60
BOMBS = {
    "a text times a number": "{{ 'a' * 10 ** 10 }}",
    "a number to a number": "{{ 9 ** (9 ** 9) }}",
    "squares of squares": "{% set n = namespace(a=9) %}{% for i in range(60) %}{% set n.a = n.a * n.a %}{% endfor %}",
    "a list doubled": "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}",
    "a text doubled": "{% set n = namespace(a='aa') %}{% for i in range(60) %}{% set n.a = n.a ~ n.a %}{% endfor %}",
    "a range": "{{ range(10 ** 12) | list }}",
    "loops in loops": "{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}",
    "loops in loops that draw": "{% for a in range(9000) %}{% for b in range(9000) %}drawn{% endfor %}{% endfor %}",
    "a loop over what a filter gives": "{% set x = range(9000) | list %}{% for a in x %}{{ x | sum }}{% endfor %}",
    "a loop that calls itself": "{% for a in range(999) recursive %}{{ loop(range(999)) }}{% endfor %}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that calls itself twice": "{% macro m(n) %}{{ m(n-1) ~ m(n-1) if n else '' }}{% endmacro %}{{ m(99) }}",
    "a template that holds itself": "{{ drawn('quote').block(block, level) }}",
    "a large include": '{% for a in range(9000) %}{% include "head.css" %}{% endfor %}',
    "a wide column": "{{ '%999999999s' | format('a') }}",
    "a wide column by percent": "{{ '%999999999s' % 'a' }}",
    "a column as wide as told": "{{ '%*s' | format(999999999, 'a') }}",
    "a precise number": "{{ '%.999999999f' | format(1) }}",
    "a wide indent": "{{ 'a\na' | indent(999999999) }}",
    "a batch": "{{ [1] | batch(999999999, 'a') | list }}",
    "slices": "{{ [1] | slice(999999999) | list }}",
    "texts in a text": "{% set x = 'a' * 90000 %}{{ x | replace('a', x) }}{{ x.replace('a', x) }}",
    "texts between texts": "{% set x = 'a' * 90000 %}{{ x | list | join(x) }}{{ x.join(x) }}",
    "a text in the middle of blanks": "{{ 'a'.center(999999999) }}{{ 'a'.zfill(999999999) }}",
    "brackets in brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "a comparison of all with all": "{% set x = range(9000) | list %}{% for a in x %}{{ x.index(a) }}{% endfor %}",
    "remarks in remarks": "{% set x = '<!---->' * 40000 %}{% for a in range(9000) %}{{ x | striptags }}{% endfor %}",
    "a long template": "{#" + "a" * 100_001 + "#}",
    "a long text drawn often": "{% set x = 'a' * 300000 %}{% for i in range(9000) %}{{ x }}{% endfor %}",
    "a text put together of long ones": "{% set x = 'a' * 300000 %}{% set y = x" + " ~ x" * 9000 + " %}",
    "a text that doubles as it is drawn": "{% set x = 'a' * 9 %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 60,
    "many parts of a text": "{% set x = 'a' * 300000 %}{% set y = [" + "x[1:]," * 9000 + "] %}",
    "long texts joined": "{% set x = 'a' * 300000 %}{{ ([x] * 20000) | join | length }}",
    "long texts from batches": "{% set x = 'a' * 300000 %}{{ [1] | batch(9000, x) | join | length }}",
    "long texts filled in by percent": "{% set x = 'a' * 300000 %}{{ ('%s' * 9000 % ((x,) * 9000)) | length }}",
    "one text filled in often": "{% set x = 'a' * 300000 %}{{ ('%(a)s' * 9000 % {'a': x}) | length }}",
    "one text filled in by the filter": "{% set x = 'a' * 300000 %}{{ ('%(a)s' * 9000) | format(a=x) | length }}",
    "one text filled in by gettext": "{% set x = 'a' * 300000 %}{{ _('%(a)s' * 9000, a=x) | length }}",
    "lists of lists, drawn": NESTED + "{{ a }}",
    "lists of lists as a text": NESTED + "{{ a | string | length }}",
    "lists of lists, compared": NESTED + NESTED.replace("a", "b") + "{{ a == b }}",
    "pairs of pairs as a key": NESTED.replace("[", "(").replace("]", ",)") + "{{ {a: 1} | length }}",
    "names that hold names": "".join(f"{{% set n{i} = namespace() %}}" for i in range(40))
    + "".join(f"{{% set n{i}.x = [n{i + 1}, n{i + 1}] %}}" for i in range(39))
    + "{{ n0 }}",
    "the issue many times": "{{ ([issue] * 20000) | string | length }}",
    "a number of a million digits": "{% set x = ('f' * 300000) | int(0, 16) %}{{ x // (x - 7) }}",
    "long texts compared": "{% set x = 'a' * 300000 %}{% set y = x[1:] ~ 'a' %}"
    "{% for i in range(9000) %}{% if x == y %}{% endif %}{% endfor %}",
    "a long turn of a loop": "{% for i in range(9000) %}{% if i == -1"
    + " or i == -1" * 5000
    + " %}{% endif %}{% endfor %}",
    "a long macro, often": "{% macro m(i) %}{% if i"
    + " or i" * 9000
    + " %}{% endif %}{% endmacro %}{% for i in range(9000) %}{{ m(0) }}{% endfor %}",
    "a filter of ours, often": "{% set x = 'ab ' * 90000 %}" + "{% set y = x | wrapped %}" * 2000,
}
"""What once went on for ever or filled the memory, and what could."""


def draw(issue_workspace, text):
    """Have the issue's quotation drawn by `text`, on the second line of its template."""
    issue_workspace.write(
        issue_workspace.file.read_text("utf-8").replace("type: article", "type: quote").replace("title:", "author:")
    )
    (issue_workspace.own / "blocks").mkdir(exist_ok=True)
    macro = "{% macro block(block, level) %}\n" + text + "\n{% endmacro %}\n"
    (issue_workspace.own / "blocks" / "quote.mjml").write_text(macro, "utf-8")


@pytest.fixture
def render_blocked(issue_workspace, monkeypatch):
    """Render a letter whose quotation is drawn by `text`: the finding that blocks it."""
    monkeypatch.setenv("SENDGRID_API_KEY", KEY)

    def made(text):
        draw(issue_workspace, text)
        with pytest.raises(BlockedError) as caught:
            issue_workspace.render()
        (finding,) = caught.value.findings
        return finding

    return made


@pytest.mark.parametrize("name", BREAKOUTS)
def test_a_template_reads_and_calls_only_what_it_is_given(render_blocked, name):
    finding = render_blocked(BREAKOUTS[name])
    assert finding.rule == "template"
    assert finding.location.line == 2
    assert BREAKOUTS[name] in finding.excerpt
    assert KEY not in f"{finding.message}{finding.hint}"


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_ends_whatever_it_does(render_blocked, name):
    finding = render_blocked(BOMBS[name])
    assert finding.rule == "template"
    assert finding.location.file.endswith("blocks/quote.mjml")


@pytest.mark.usefixtures("french")
def test_the_finding_says_what_a_template_may_not_do(render_blocked):
    said = render_blocked(BREAKOUTS["a file by pydantic"]).message
    assert said.endswith("n’a pas le droit de lire «\u00a0parse_file\u00a0» (Issue)")
    assert "compte avec un nombre trop grand" in render_blocked(BOMBS["a text times a number"]).message
    assert "n’en finit pas" in render_blocked(BOMBS["loops in loops"]).message


@pytest.mark.parametrize(
    "text",
    [
        "{{ issue.date.year }}-{{ issue.date.strftime('%m') }}",
        "{{ block.body | upper | replace('E', 'e') | truncate(20) }}",
        "{{ 'no %s of %d' | format('a', 2023) }}{{ '%s, %s' % ('a', 2) }}",
        "{% for kind, all in issue.blocks | groupby('type') %}{{ loop.length }}{{ all | length }}{% endfor %}",
        "{% set n = namespace(a=0) %}{% for i in range(5) %}{% set n.a = n.a + i * 2 %}{% endfor %}{{ n.a }}",
        "{% set row = cycler('a', 'b') %}{{ row.next() }}{{ row.next() }}",
        "{{ publication.name.split(' ')[0].lower() }}{{ {'a': 1}.items() | list }}",
        "{% macro m(x) %}<b>{{ x }}{{ caller() }}</b>{% endmacro %}{% call m('a') %}b{% endcall %}",
        "{% for a in [[1, [[2, []]]], [3, []]] recursive %}{{ a[0] }}{{ loop(a[1]) }}{% endfor %}",
        "{{ when is defined }}{{ theme.light.accent }}{{ light.ink }}{{ _('no.') }}",
    ],
)
def test_what_templates_usually_do_is_allowed(issue_workspace, text):
    draw(issue_workspace, f"<mj-text>{text}</mj-text>")
    assert issue_workspace.render().html


def linked(issue_workspace, name, target):
    path = issue_workspace.own / name
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)


def test_a_link_out_of_the_templates_is_not_read(issue_workspace, tmp_path):
    secret = tmp_path / "keys"
    secret.write_text(KEY)
    linked(issue_workspace, "words.txt", secret)
    linked(issue_workspace, "head.css", secret)
    with pytest.raises(BlockedError) as caught:
        issue_workspace.render()
    (finding,) = caught.value.findings
    assert "leads out of the folder of templates" in finding.message
    assert finding.excerpt is None


def test_a_link_to_another_publication_is_read(issue_workspace):
    shared = issue_workspace.root / "templates" / "shared.css"
    shared.write_text((builtin_templates() / "head.css").read_text("utf-8"), "utf-8")
    linked(issue_workspace, "head.css", shared)
    assert issue_workspace.render().html


@pytest.mark.parametrize("content", [b"\xff\xfe", "é".encode("latin-1")])
def test_a_file_that_is_no_text_is_named(issue_workspace, content):
    (issue_workspace.own / "head.css").write_bytes(content)
    with pytest.raises(BlockedError) as caught:
        issue_workspace.render()
    assert "head.css" in caught.value.findings[0].message


@pytest.fixture
def listener():
    """A web server of this machine, and the paths that it is asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/css")
            self.end_headers()
            self.wfile.write(b"p { color: red }")

        def log_message(self, *_arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "rule",
    ['@import "{}/a.css";', "@import url({}/a.css) screen;", "@IMPORT '{}/a.css';", '/* */ @import\n"{}/a.css";'],
)
def test_a_sheet_of_a_template_fetches_nothing(issue_workspace, listener, rule):
    address, asked = listener
    (issue_workspace.own / "inline.css").write_text(f"{rule.format(address)}\np {{ margin: 0 }}\n", "utf-8")
    with pytest.raises(BlockedError) as caught:
        issue_workspace.render()
    assert asked == []
    assert "@import" in caught.value.findings[0].message
    assert caught.value.findings[0].location.file.endswith("inline.css")


@pytest.mark.parametrize(
    "text",
    ['<mj-include path="{}/a" />', '<mj-raw><link rel="stylesheet" href="{}/a" /></mj-raw>', '<mj-image src="{}/a" />'],
)
def test_what_a_template_writes_is_not_fetched(issue_workspace, listener, text):
    address, asked = listener
    draw(issue_workspace, text.format(address))
    issue_workspace.findings(issue_workspace.file.read_text("utf-8"))
    with suppress(BlockedError):  # of an element that takes no file
        issue_workspace.render()
    assert asked == []


@pytest.mark.parametrize("character", ["\\ud800", "\\0", "\\x1b", "\\uffff"])
@pytest.mark.parametrize("name", ["blocks/quote.mjml", "head.css", "letter.txt"])
def test_a_character_that_no_letter_can_have_is_told_of(issue_workspace, name, character):
    if name.startswith("blocks"):
        draw(issue_workspace, '<mj-text>{{ "' + character + '" }}</mj-text>')
    else:
        (issue_workspace.own / name).write_text('{{ "' + character + '" }}', "utf-8")
    with pytest.raises(BlockedError) as caught:
        issue_workspace.render()
    assert "a character that no letter can have" in caught.value.findings[0].message


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("<mj-section>", ""),
        ("<mj-wrapper>", "</mj-wrapper>"),
        ("<mj-text><table><tr><td>", "</td></tr></table></mj-text>"),
        ("<mj-section><!-- </mj-section> -->", "</mj-section>"),
        ('<mj-section a="</mj-section>">', "</mj-section>"),
        ("<mj-section a='/>'>", "</mj-section>"),
        ("<_a>", "</_a>"),
    ],
)
def test_elements_in_elements_do_not_end_the_process(issue_workspace, opened, closed):
    many = 95_000 // len(opened + closed)
    (issue_workspace.own / "letter.mjml").write_text(
        f"<mjml><mj-body>{opened * many}{closed * many}</mj-body></mjml>",
        "utf-8",
    )
    ran = issue_workspace.process("check", "1", timeout=60)
    assert ran.returncode == 1
    assert "letter.mjml" in ran.stderr + ran.stdout
