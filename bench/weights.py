"""What the bytes of letter 22 are for, against its peers, in one run: `make bench`, or `python bench/weights.py`.

Ours as it is sent; ours without `compact`, the pass that takes away what nobody sees; stock MJML, that is npm's, of the
very same MJML, with our rules as an `mj-style` that it inlines itself; and React Email's components with the same
issue and the same settings, as simply as they can say it. Every byte of the HTML is counted once. Words, addresses and
alternative texts are the content: where a peer's are fewer, it says less.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.rendering import PEERS, issue_workspace, package_version
from pvd_mailer.compose import load_issue
from pvd_mailer.letter import Placeholders
from pvd_mailer.render import PASSES, Hosting
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes import compact

CAUSES = (
    "words",
    "alternative texts, names read aloud",
    "addresses (href, src)",
    "blanks between tags",
    "comments (Outlook's)",
    "style sheets",
    "styles: fonts",
    "styles: padding, margin",
    "styles: colours, borders",
    "styles: other",
    "tags and other attributes",
)
CONTENT = CAUSES[:3]
_TOKEN = re.compile(
    r"(?P<comment><!--.*?-->)|(?P<sheet><style\b.*?</style>)|(?P<tag></?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<!\w[^>]*>)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""\s([\w:-]+)=("[^"]*"|'[^']*')""")
_DECLARATION = re.compile(r"(?:[^;&]|&\w+;|&#\w+;|&)+;?")
_KINDS = (
    ("styles: fonts", re.compile(r"(?:font|line-height|letter-spacing)")),
    ("styles: padding, margin", re.compile(r"(?:padding|margin)")),
    ("styles: colours, borders", re.compile(r"(?:color|background|border)")),
)


def weigh(html: str) -> Counter[str]:
    """By cause, the bytes of `html`; together they are all of it."""
    weights: Counter[str] = Counter()

    def add(cause: str, text: str) -> None:
        weights[cause] += len(text.encode())

    position = 0
    for token in _TOKEN.finditer(html):
        between = html[position : token.start()]
        add("words" if between.strip() else "blanks between tags", between)
        position = token.end()
        if token["comment"]:
            add("comments (Outlook's)", token[0])
        elif token["sheet"]:
            add("style sheets", token[0])
        else:
            add("tags and other attributes", token[0])
            for cause, text in _attributes(token[0]):
                add(cause, text)
                weights["tags and other attributes"] -= len(text.encode())
    add("blanks between tags", html[position:])
    if sum(weights.values()) != len(html.encode()):
        raise AssertionError(weights)
    return weights


def _attributes(tag: str) -> list[tuple[str, str]]:
    """What the attributes of `tag` are for, with their text."""
    found: list[tuple[str, str]] = []
    for attribute in _ATTRIBUTE.finditer(tag):
        name, value = attribute[1], attribute[2][1:-1]
        if name == "style":
            for declaration in _DECLARATION.findall(value):
                kind = next((kind for kind, names in _KINDS if names.match(declaration.strip())), "styles: other")
                found.append((kind, declaration))
        elif name in ("alt", "aria-label"):
            found.append(("alternative texts, names read aloud", value))
        elif name in ("href", "src"):
            found.append(("addresses (href, src)", value))
    return found


def peer(kind: str, *sources: Path) -> str:
    """The letter's HTML by one of the peers."""
    return subprocess.run(
        ["node", "weigh.mjs", kind, *map(str, sources)], cwd=PEERS, capture_output=True, encoding="utf-8", check=True
    ).stdout


def letters(folder: Path) -> dict[str, str]:
    """By who makes it, the HTML of letter 22."""
    workspace, file, text = issue_workspace(folder / "desk")
    made = load_issue(file.parent, workspace)
    start = Draft(
        made.issue, made.publication, made.pictures, made.templates, Hosting(), Placeholders.from_content(b"")
    )
    ours, before = start, start
    for run in PASSES:
        ours = run(ours)
        before = before if run is compact.run else run(before)
    mjml, issue = folder / "letter.mjml", folder / "issue.yaml"
    css = re.sub(r"/\*.*?\*/", "", ours.css, flags=re.DOTALL)  # npm's reads a tag that a comment names
    inline = f'<mj-style inline="inline">{css}</mj-style></mj-head>'
    mjml.write_text(ours.mjml.replace("</mj-head>", inline, 1), encoding="utf-8")
    issue.write_text(text, encoding="utf-8")
    return {
        "ours": ours.html,
        "before": before.html,
        "npm mjml": peer("mjml", mjml),
        "React Email": peer("react", issue, made.templates / "publication.yaml"),
    }


def main() -> None:
    """Print the table."""
    print(f"letter 22, bytes of HTML by what they are for; {package_version(PEERS, 'mjml')}, ", end="")
    print(f"{package_version(PEERS, '@react-email/components')}, one run\n")
    with tempfile.TemporaryDirectory() as scratch:
        made = {name: weigh(html) for name, html in letters(Path(scratch)).items()}
    print(f"  {'':<36}" + "".join(f"{name:>12}" for name in made))
    for cause in CAUSES:
        print(f"  {cause:<36}" + "".join(f"{weights[cause]:>12,}" for weights in made.values()))
    print(f"  {'all':<36}" + "".join(f"{sum(weights.values()):>12,}" for weights in made.values()))
    content = {name: sum(weights[cause] for cause in CONTENT) for name, weights in made.items()}
    print(f"  {'of it content (the first three)':<36}" + "".join(f"{bytes_:>12,}" for bytes_ in content.values()))
    per_content = {name: sum(weights.values()) / content[name] for name, weights in made.items()}
    print(f"  {'bytes a byte of content':<36}" + "".join(f"{ratio:>12.2f}" for ratio in per_content.values()))
    print("\n  before: ours without `compact`; npm mjml: the same MJML, our rules inlined by its own mj-style")


if __name__ == "__main__":
    main()
