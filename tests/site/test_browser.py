"""Every page in real Chromium: axe finds nothing, the keyboard is enough, nothing is lost at 200 %, no script runs."""

import json
import re
from contextlib import contextmanager

import pytest

from pvd_mailer.database import open_database
from pvd_mailer.send.channels import Outbox
from tests.proof.test_accessibility import AXE
from tests.send.line import messages, sqlite_at
from tests.site.conftest import CLAIRE, GONE, HERE, KARIM, PREFERENCES, PUBLIC, SUBSCRIBE, serving
from tests.subscribers.people import person
from tests.workspace import PUBLICATION, IssueWorkspace

WIDTHS = (375, 700, 1280)
LEA = "lea@example.net"


@contextmanager
def window(browser, site_server, width=1280, *, dark=False, zoom=1):
    """A page whose links to the public address lead to the site of the test."""
    context = browser.new_context(
        viewport={"width": width // zoom, "height": 900 // zoom},
        device_scale_factor=zoom,
        color_scheme="dark" if dark else "light",
        java_script_enabled=True,
        base_url=site_server.url,
        bypass_csp=False,
    )
    page = context.new_page()
    page.faults = []
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()


@pytest.fixture(scope="module")
def busy_site(tmp_path_factory):
    """One site for all views, with somebody on each page."""
    folder = tmp_path_factory.mktemp("standing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PVD_KEYS", str(folder / "keys.json"))
        database = open_database(sqlite_at(folder), folder)
        with serving(IssueWorkspace.start(folder / "workspace"), database, patch) as served:
            served.line.join(person(CLAIRE, "Claire", "Exemple", role="Maire"), person(KARIM))
            yield served
        database.close()


@pytest.fixture(scope="module")
def places(busy_site):
    """The address of every page that a GET shows, and the forms whose answers are pages of their own."""
    busy_site.fill(SUBSCRIBE, address=LEA, first_name="Léa", last_name="Exemple", **{"tag-1": ["Habitat"]})
    confirm = busy_site.mail()["path"]
    busy_site.fill(PREFERENCES, address=CLAIRE)
    busy_site.mail(2)
    own = next(one["path"] for one in busy_site.mails() if one["to"] == CLAIRE)
    gone = busy_site.post(busy_site.link_of(KARIM))
    undo = re.search(r'action="(/undo/[^"]+)"', gone.body)[1]
    return {
        "subscribe": SUBSCRIBE,
        "subscribe in English": f"{SUBSCRIBE}?lang=en",
        "preferences": PREFERENCES,
        "leave": busy_site.link_of(CLAIRE),
        "left already": busy_site.link_of(KARIM),
        "undo": undo,
        "confirm": confirm,
        "own": own,
        "erase": f"{own}/erase",
        "accessibility in English": f"/{PUBLICATION}/accessibility/?lang=en",
        "the letters": f"/{PUBLICATION}/",
        "accessibility": f"/{PUBLICATION}/accessibility/",
        "not there": "/nowhere",
        "a bad link": "/u/x.y",
    }


def find_faults(page):
    """What axe says against the page as it stands; the policy of the page lets no script in but a tool's own."""
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate(f"axe.run(document, {json.dumps({'resultTypes': ['violations']})})")
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]


def post_from_elsewhere(page, address):
    """Have the page of another site post a form to `address`."""
    page.goto(f"data:text/html,<form method=post action={address}><button>Go</button></form>")
    page.get_by_role("button").click()
    page.wait_for_url(address)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_page(browser, busy_site, places, need, width, dark):
    need("tools/node/node_modules/axe-core")
    found = {}
    with window(browser, busy_site, width, dark=dark) as page:
        for name, path in places.items():
            page.goto(path)
            found[name] = find_faults(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        post_from_elsewhere(page, f"{busy_site.url}{SUBSCRIBE}")
        assert page.get_by_role("heading", name="Ce formulaire n’a pas été envoyé depuis notre page").count() == 1
        found["refused"] = find_faults(page)
        page.goto(SUBSCRIBE)  # and what forms answer
        page.get_by_label("Votre adresse électronique").fill("claire")
        page.get_by_role("button", name="S’inscrire").click()
        found["a fault"] = find_faults(page)
        for title, action in (("asked", PREFERENCES), ("gone", places["leave"]), ("back", None)):
            if action:
                page.goto(action)
            if title == "asked":
                page.get_by_label("Votre adresse électronique").fill(CLAIRE)
                busy_site.clock.forward(seconds=3)
            page.locator("main button").first.click()
            page.wait_for_load_state()
            found[title] = find_faults(page)
        assert [one for one in page.faults if not any(status in one for status in ("403", "404", "422"))] == []
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert busy_site.state(CLAIRE) is HERE


@pytest.mark.parametrize("width", WIDTHS)
def test_at_200_percent_nothing_is_lost(browser, busy_site, places, width):
    with window(browser, busy_site, width, zoom=2) as page:
        for name, path in places.items():
            page.goto(path)
            wide = page.evaluate(
                "[...document.querySelectorAll('main *:not(.trap *, .trap), header *, footer *')].filter(one => {"
                " const box = one.getBoundingClientRect();"
                " return box.width && (box.right > innerWidth + 1 || box.left < -1) }).map(one => one.outerHTML)"
            )
            assert wide == [], (name, wide)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def tab_to(page, what):
    """Press Tab until `what` (a label or a button's words) has the focus, which has to be seen."""
    for _press in range(40):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "(() => { const one = document.activeElement; const label = one.labels && one.labels[0];"
            " return [one.innerText, label && label.innerText].join(' ') })()"
        )
        if what in named:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", what
            return
    pytest.fail(f"no way to {what} by the keyboard")


def test_the_keyboard_alone_subscribes_and_leaves(browser, sqlite_site):
    with window(browser, sqlite_site) as page:
        page.goto(SUBSCRIBE)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        tab_to(page, "Votre adresse électronique")
        page.keyboard.type(LEA)
        tab_to(page, "Votre fonction")
        page.keyboard.press("ArrowDown")
        tab_to(page, "Habitat")
        page.keyboard.press("Space")
        tab_to(page, "S’inscrire")
        sqlite_site.clock.forward(seconds=3)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Regardez dans votre messagerie").wait_for()
        page.goto(sqlite_site.mail()["path"])
        tab_to(page, "Confirmer mon inscription")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Bienvenue").wait_for()
        assert sqlite_site.state(LEA) is HERE
        page.goto(sqlite_site.link_of(LEA))
        tab_to(page, "Me désinscrire")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="désinscription").wait_for()
        tab_to(page, "Annuler ma désinscription")
        assert sqlite_site.state(LEA) is GONE


def test_the_language_is_switched_and_stays(browser, busy_site):
    with window(browser, busy_site) as page:
        page.goto(SUBSCRIBE)
        page.get_by_role("link", name="English").click()
        page.get_by_role("heading", name="Receive our letter").wait_for()
        page.get_by_role("link", name="My data and preferences").click()
        assert page.locator("html").get_attribute("lang") == "en"


def test_from_the_form_to_the_letter_and_out_again(browser, issue_workspace, database, monkeypatch):
    """The whole line: subscribe, confirm, get the letter, leave by one click, and get no other."""
    with serving(issue_workspace, database, monkeypatch) as served, window(browser, served, 375) as page:
        served.line.join(*[person(f"lecteur{number}@ville.test") for number in range(4)])
        page.goto(SUBSCRIBE)
        page.get_by_label("Votre adresse électronique").fill(LEA)
        served.clock.forward(seconds=3)
        page.get_by_role("button", name="S’inscrire").click()
        page.goto(served.mail()["path"])
        page.get_by_role("button", name="Confirmer mon inscription").click()
        page.get_by_role("heading", name="Bienvenue").wait_for()

        line = served.line
        line.office = served.site.context
        channel = Outbox(served.site.context.outbox)
        channel.batch_size = 2
        line.send(line.approve(channel), channel)
        (letter,) = [one for one in messages(issue_workspace) if one["To"] == LEA and one["List-Unsubscribe-Post"]]
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.search(r"<(https:[^>]+)>", letter["List-Unsubscribe"])[1]
        assert link.startswith(f"{PUBLIC}/u/")
        path = link.removeprefix(PUBLIC)
        assert path in letter.get_body(("html",)).get_content()

        # Frozen with her in it; she leaves before her batch does.
        second = line.approve(channel, again=True)
        page.goto(path)
        assert served.state(LEA) is HERE
        assert served.post(path, {"List-Unsubscribe": "One-Click"}).status == 200
        before = len([one for one in messages(issue_workspace) if one["To"] == LEA])
        line.send(second, channel)
        assert line.states(second) == {"accepted": 4, "excluded": 1}
        third = line.approve(channel, again=True)
        assert line.account(third).audience == 4
        line.send(third, channel)
        assert len([one for one in messages(issue_workspace) if one["To"] == LEA]) == before
