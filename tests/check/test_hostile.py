"""Texts made to keep a rule busy: no rule's time grows with more than the length of what it reads."""

import json
import subprocess
import sys

from pvd_mailer.check import RULES
from tests.workspace import ROOT

GUARD = 120
"""Seconds for all of them; a quiet core needs a tenth of it, a pattern that doubles with each word would need years."""
LENGTH = 10_000
HOSTILE = {
    "an acronym with a bracket that never closes": "ANCT (Agence nationale de la cohésion des territoires "
    + "aide les maires " * 1200,
    "acronyms with brackets that never close": "AB (CD " * 2500,
    "acronyms and the words after": "ANCT, l’agence " * 1200,
    "numbers": "1 234 " * 3000,
    "one number": "1" * LENGTH,
    "dots": "." * LENGTH,
    "dots and blanks": ". " * 8000,
    "straight quotes": '"a ' * 5000,
    "guillemets": "« " * 6000,
    "guillemets that close": "» " * 6000,
    "capitals": "A" * LENGTH,
    "words in capitals": "ABC " * 4500,
    "blanks": "a" + " " * 15_000 + "b",
    "no-break blanks": "a" + "\u00a0" * 15_000 + "b",
    "narrow blanks": "a" + "\u202f" * 15_000 + "b",
    "hyphens": "a - " * 4500,
    "hyphens alone": "-" * LENGTH,
    "commas": "1, " * 6000,
    "weekdays": "lundi 1 et " * 1600,
    "days": "1 et 2, " * 2200,
    "dates": "3 mai " * 3000,
    "deadlines": "avant le " * 2000,
    "deadlines without a date": "date limite a a " * 1100,
    "placeholders": "à compléter " * 1500,
    "brackets": "(" * 15_000,
    "square brackets": "[à compléter " * 1300,
    "an address": "https://a.example/" + "a." * 8000,
    "an address with a query": "https://a.example/?" + "utm_source=a&" * 1300,
    "an address with brackets": "https://a.example/" + "(" * 15_000,
    "an e-mail address": "a." * 8000 + "@b",
    "accounts": "@a" * 8000,
    "names of files": "a.b-" * 4500,
    "apostrophes": "l'" * 9000,
    "small letters": "mot " * 4500,
    "one small word": "a" * LENGTH,
    "single quotes": "'mot " * 3500,
    "titles": "Mme A" * 3500,
    "codes": "code " * 3500,
    "English": "is beautiful " * 1300,
    "hours": "14h30/" * 3000,
    "ranges": "2 300-" * 3000,
    "combining accents": "e\u0301" * 9000,
}
# Each rule on its own, over every text, in another process that can be stopped.
LOOK = """
import json, sys, tempfile
from pathlib import Path
from pvd_mailer.check import RULES, proofread
from tools.checks.examples import Example
from tests.check.examples import subject

def block(text):
    return '- id: a\\n  type: article\\n  title: "Les halles"\\n  body: |\\n    Z ' + text + '\\n'

for name, text in json.load(sys.stdin).items():
    for lang in ("fr", "en"):
        one = subject(Example(issue_keys={"lang": lang}, blocks=block(text)), Path(tempfile.mkdtemp(dir=sys.argv[1])))
        one.tree, one.passages
        for rule in RULES:
            print(f"{name}: {rule.id}", flush=True)
            proofread(one, [rule])
"""


def test_no_text_keeps_a_rule_busy_for_long(tmp_path):
    texts = {name: text[:LENGTH] for name, text in HOSTILE.items()}
    command = [sys.executable, "-c", LOOK, str(tmp_path)]
    try:
        ran = subprocess.run(
            command, input=json.dumps(texts), capture_output=True, text=True, timeout=GUARD, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().splitlines()
        raise AssertionError(f"it did not end: {said[-1:]}") from None
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert len(ran.stdout.splitlines()) == 2 * len(texts) * len(RULES)
