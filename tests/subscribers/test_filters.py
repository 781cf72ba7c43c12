import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.subscribers.filters import AudienceFilterError, parse_filter, require_known_tags
from pvd_mailer.subscribers.queries import all_tag_keys, matching_subscribers
from pvd_mailer.subscribers.tags import tag_key, value_key
from tests.subscribers.people import FOUR, settle

CLAIRE, KARIM, MAIRIE, LEA = (one.address.key for one in FOUR)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("all", {CLAIRE, KARIM, MAIRIE, LEA}),
        ("tous", {CLAIRE, KARIM, MAIRIE, LEA}),
        ("not all", set()),
        ("role:chef-de-projet", {KARIM}),
        ("rôle : « Chef de projet »", {KARIM}),
        ('fonction:"CHEF DE PROJET"', {KARIM}),
        ("role:elu", {KARIM}),
        ("region:bretagne and department:35", {CLAIRE}),
        ("région:Bretagne et département:35", {CLAIRE}),
        ("department:35 or department:22", {CLAIRE, KARIM}),
        ("département:1", {MAIRIE}),
        ("department:01", {MAIRIE}),
        ("role:*", {CLAIRE, KARIM, MAIRIE}),
        ("not role:*", {LEA}),
        ("non région:bretagne", {MAIRIE, LEA}),
        ("role:maire or role:mairie and department:35", set()),
        ("(role:maire or role:mairie) and not department:35", {MAIRIE}),
        ("all and role:mairie", {MAIRIE}),
        ("not (role:mairie or not role:*)", {CLAIRE, KARIM}),
        ("role:'chef de projet' ou region:nulle-part", {KARIM}),
    ],
)
def test_a_filter_finds(database, wanted, found):
    settle(database, *FOUR)
    with database.read() as connection:
        assert {one.address_key for one in matching_subscribers(connection, parse_filter(wanted))} == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rôle:Maire", "role:maire"),
        ("a:1 and b:2", "b:2 et a:1"),
        ("a:1 or (b:2 or c:3)", "(c:3 ou a:1) ou b:2 ou a:1"),
        ("not not a:1", "a:1"),
        ("a:1 and (b:2)", "((a:1)) and b:2"),
        ("a:1 and all", "a:1"),
        ("a:1 or all", "all"),
        ("a:1 and not all", "non tous"),
        ('region:"Ille-et-Vilaine"', "région:ille-et-vilaine"),
        ("department:1", "département:01"),
    ],
)
def test_one_audience_has_one_text_however_it_is_spelled(one, other):
    assert parse_filter(one).text == parse_filter(other).text


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "it ends where a tag"),
        ("role", 5, "a colon and a value"),
        ("role:", 6, "the value of “role”"),
        ("role:maire department:35", 12, "found “department” where “and”, “or” or the end"),
        ("role:maire and", 15, "it ends where a tag"),
        ("and role:maire", 1, "found “and”"),
        ("(role:maire", 12, "a closing parenthesis"),
        ("role:maire)", 11, "closed that was not opened"),
        ('role:"maire', 6, "not closed"),
        ("role:maire and or a:1", 16, "found “or”"),
        (":35", 1, "found “:”"),
        ('role:""', 6, "a name with letters"),
        ("role:-", 6, "a name with letters"),
        ("a:b:c", 4, "found “:”"),
        ("(" * 40 + "a:1" + ")" * 40, 32, "too deep"),
        ("not " * 200 + "a:1", 125, "too deep"),
        ("a:" + "b" * 1000, 1000, "longer than 1000"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_expected(text, column, said):
    with pytest.raises(AudienceFilterError, match=said) as told:
        parse_filter(text)
    assert told.value.column == column
    assert told.value.hint


def test_the_place_of_a_fault_is_pointed_at():
    with pytest.raises(AudienceFilterError) as told:
        parse_filter("role:maire und department:35")
    _said, line, pointer = str(told.value).split("\n")
    assert line[pointer.index("▲")] == "u"


def test_a_tag_that_nobody_has_is_told_with_those_there_are(database):
    settle(database, *FOUR)
    with database.read() as connection:
        known = all_tag_keys(connection)
    assert known == ("department", "region", "role")
    require_known_tags(parse_filter("role:maire or departement:35"), known)
    with pytest.raises(WrongUsageError, match="“rolle”") as told:
        require_known_tags(parse_filter("rolle:maire"), known)
    assert "department, region, role" in told.value.hint


WORDS = st.sampled_from(
    ["role", "rôle:", ":", "(", ")", "and", "et", "ou", "not", "all", "*", '"a b"', "'", "«", "35", "é", "\u202f", "\\"]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=14).map("".join), st.text())


@given(TEXTS)
def test_any_text_is_a_filter_or_is_told_why_not(text):
    try:
        wanted = parse_filter(text)
    except AudienceFilterError as fault:
        told = fault
    else:
        assert parse_filter(wanted.text) == wanted
        return
    assert 1 <= told.column <= len(text) + 1


ATOM = st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "*"])).map(":".join)
NESTED = st.recursive(
    st.one_of(ATOM, st.just("all")),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + ") and (".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + ") ou (".join(parts) + ")"),
    ),
    max_leaves=8,
)


@given(NESTED)
def test_the_canonical_text_means_itself(text):
    wanted = parse_filter(text)
    assert parse_filter(wanted.text) == wanted


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text):
    assert value_key("role", value_key("role", text)) == value_key("role", text)
    assert tag_key(tag_key(text)) == tag_key(text)
