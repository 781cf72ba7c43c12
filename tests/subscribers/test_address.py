import pytest

from pvd_mailer.subscribers.address import InvalidAddressError, is_role_address, parse_address


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Claire.Exemple@Example.ORG", "claire.exemple@example.org"),
        ("  claire@example.org\u00a0", "claire@example.org"),
        ("mailto:claire@example.org", "claire@example.org"),
        ("<claire@example.org>", "claire@example.org"),
        ("\ufeffclaire@\u200bexample.org", "claire@example.org"),
        ("mairie@Saint-Évariste.example", "mairie@xn--saint-variste-ghb.example"),
        ("mairie@xn--saint-variste-ghb.EXAMPLE", "mairie@xn--saint-variste-ghb.example"),
        ("mairie@saint-e\u0301variste.example", "mairie@xn--saint-variste-ghb.example"),
        ("a@b.invalid", "a@b.invalid"),
        ("a@b.test", "a@b.test"),
        ("o'neill+lettre@example.org", "o'neill+lettre@example.org"),
    ],
)
def test_two_spellings_of_an_address_have_one_key(written, key):
    assert parse_address(written).key == key


def test_the_written_form_is_kept():
    assert parse_address(" Mairie@Petite-Ville.example ").as_written == "Mairie@Petite-Ville.example"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Mairie@Saint-Évariste.example", "Mairie@xn--saint-variste-ghb.example"),
        ("a@x\u3002example", "a@x.example"),
        ("a@x.example\ufe0f", "a@x.example"),
        ("a@x.example\u3164", "a@x.example"),
        ("a@\u0430pple.example", "a@xn--pple-43d.example"),
    ],
)
def test_what_is_kept_has_its_domain_in_ascii_as_mail_needs_it(written, kept):
    assert parse_address(written).as_written == kept


def test_a_key_is_its_own_canonical_form():
    key = parse_address("MAIRIE@Évry.example").key
    assert parse_address(key).key == key


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "no address"),
        ("claire", "there is no @"),
        ("claire@", "after the @"),
        ("@example.org", "before the @"),
        ("claire@example", "ending such as .fr"),
        ("claire exemple@example.org", "a blank"),
        ("claire@example,org", "a comma"),
        ("claire..e@example.org", "two full stops"),
        ("claire.@example.org", "a full stop"),
        ("claire@example.org.", "a full stop"),
        ("chloé@example.org", "an accent"),
        ("a@example.org; b@example.org", "several addresses"),
        ("a@example.org b@example.org", "several addresses"),
        ("a@b@example.org", "more than one @"),
        ("a@imprimante.local", "from outside"),
        ("x" * 65 + "@example.org", "not an e-mail address"),
        ("x@" + "a" * 260 + ".example", "longer than 254"),
        ("a@[192.0.2.1]", "not an e-mail address"),
        ("a@exa\x00mple.org", "not an e-mail address"),
        ("\ud800@example.org", "an accent"),
        ("a@\ud800.example", "not an e-mail address"),
    ],
)
def test_what_is_no_address_is_told_why_and_not_repeated(written, said):
    with pytest.raises(InvalidAddressError, match=said) as told:
        parse_address(written)
    assert not written or "example" not in str(told.value)


@pytest.mark.parametrize(
    "key", ["mairie@a.example", "contact@a.example", "mairie.stmalo@a.example", "accueil2@a.example", "dgs-bain@a.test"]
)
def test_an_office_is_noticed(key):
    assert is_role_address(key)


@pytest.mark.parametrize("key", ["claire@a.example", "marie@a.example", "contactin@a.example"])
def test_a_person_is_no_office(key):
    assert not is_role_address(key)
