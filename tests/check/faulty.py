"""Issues full of faults of typography, written in every way that YAML has."""

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "la halle", "un étal", "e\u0301te\u0301", "les maires", "bourg", "œuvre", "Épône", "Lyon", "99", "2023", "aujourd’hui",
        "Sites & Cités", "a*b", "x_y", "100 000", "🙂", "ça", "rendez-vous", "(ici)", "fin.",
    ]
)  # fmt: skip
FAULTS = st.sampled_from(
    [
        "Bonjour !", "Bonjour!", "Ah ?!", "quoi?", "voici :", "voici:", "un ; deux", "un;deux ;", "50%", "50 %", "3 km", "n°5",
        '"oui"', '"oui et non"', "«non»", "« non »", "« non", '"', "“là”", "l'été", "d'`ici", "qu'« il »", "suite...", "etc...", "un - deux",
        "un -- deux", "1ère", "2ème", "XIXème", "3ièmes", "le 1 mars", "13h30", "9 h", "18H05", "24h/24", "Etat", "l'Ecole", "A la fin",
        "ETUDE", "12 000 habitants", "25000 euros", "3.400", "deux  blancs", "mot , mot", "( là )", "oui\u00a0 !", "oui\u202f\u00a0;",
        "\u00a0: rien", "! seul", "...", "«»", '""', '« "un" »', "d'\"un\"", "10€ !", "5 M€", "A noter: 13h30!", "«L'Etat»!",
    ]
)  # fmt: skip
PROSE = st.sampled_from(
    [
        "**gras !**", "*oui*!", "**a** :", "[un lien !](https://example.org/a'b;c?d=\"e\")", "<https://example.org/?a=b!>", "2^ème^",
        "1^ère^ fois", "https://example.org/l'été?x=1;y", "nous@example.org !", "&amp; l'un", "&eacute;t\u00e9 !", "\\*non !\\*",
        "[l'**un**](https://example.org/a_(b)) ;", "#mot-dièse!", "_l'un_ !",
        "«*oui*»", "«**oui**»", "«_oui_»", "«[un lien](https://example.org/a)»", "«<https://example.org/?b=c>»", "*«oui»*", '**"oui"**',
        '"*oui*"', '"[oui](https://example.org/a)"', "«*oui* et **non**»", "«2^ème^»", "n°**5**", "**n°**5", "**50**%", "*oui*!", "12 **000**",
        "**https://example.org/?utm_source=a**", "https://example.org/?utm_source=a, puis", "(https://example.org/?fbclid=a&b=c).",
        "[un](https://example.org/?utm_source=a&b=1)", "https://example.org/?a=1&utm_source=b;", "_https://example.org/?gclid=a_", "s.o'connor@example.org",
    ]
)  # fmt: skip


def sentence(*extra):
    return st.lists(st.one_of(WORDS, FAULTS, FAULTS, *extra), min_size=1, max_size=5).map(" ".join).filter(str.strip)


def _indented(text, depth):
    return "\n".join(f"{' ' * depth}{line}" if line else "" for line in text.split("\n"))


def double(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def single(text):
    return "'" + text.replace("'", "''") + "'"


def plain(text):
    """`text` without quotes, where YAML takes it for itself; else between quotes."""
    harmless = text[0].isalpha() and ": " not in text and " #" not in text and not text.endswith((":", " "))
    return text if harmless and text == " ".join(text.split(" ")) else double(text)


def escaped(text):
    """Between double quotes, with what is not ASCII spelled out."""
    return double(text).encode("ascii", "backslashreplace").decode()


SHORT = st.tuples(sentence(), st.sampled_from([double, single, plain, escaped])).map(lambda drawn: drawn[1](drawn[0]))


@st.composite
def prose(draw, depth):
    paragraphs = draw(st.lists(st.lists(sentence(PROSE), min_size=1, max_size=3), min_size=1, max_size=2))
    # A line that begins with what Markdown takes for a list, or with blanks, is another matter.
    text = "\n\n".join("\n".join("Et " + line.replace("  ", " ") for line in lines) for lines in paragraphs)
    if draw(st.booleans()):
        text += "\n\n- Un point " + draw(sentence(PROSE)) + "\n- Et deux"
    way = draw(st.sampled_from(["|", "|", "|", "|-", ">", "'", '"', '"']))
    if way == ">" and len(paragraphs) == 1 and "- " not in text:
        return ">\n" + _indented(text, depth)
    if way == "'" and "\n" not in text:
        return single(text)
    if way == '"':
        return double(text).replace("\n", "\\n")
    return ("|-" if way == "|-" else "|") + "\n" + _indented(text, depth)


@st.composite
def issues(draw):
    """The bytes of an issue."""
    lang = draw(st.sampled_from(["fr", "fr", "fr", "en"]))
    lines = [
        "# Une remarque: « l'été » 13h30, etc... !",
        "publication: petites-villes-de-demain",
        "number: 1",
        "date: 2023-03-07",
        f"lang: {lang}",
        f"subject: {draw(SHORT)}",
        f"preheader: {draw(SHORT)}   # l'autre remarque !",
        'note: "Entre nous: l\'été, 13h30 !"',
        "blocks:",
    ]
    for number in range(draw(st.integers(1, 3))):
        lines += [
            f"  - id: b{number}",
            "    type: article",
            f"    title: {draw(SHORT)}",
            f"    body: {draw(prose(6))}",
            "    buttons:",
            f"      - label: {draw(SHORT)}",
            "        url: https://example.org/l'ete?a=1;b!",
            "",
        ]
    text = draw(st.sampled_from(["\n", "\n", "\r\n"])).join("\n".join(lines).split("\n"))
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()
