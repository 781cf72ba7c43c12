"""What a server said, without whom it speaks of."""

import pytest

from pvd_mailer.redact import redact

ADDRESSES = [
    "<claire.martin@ville.test>",
    "claire.martin%40ville.test",
    "claire.martin%2540ville.test",
    "claire.martin=40ville.test",
    "claire.martin&#64;ville.test",
    "claire.martin&#x40;ville.test",
    "claire.martin&commat;ville.test",
    "claire.martin\\u0040ville.test",
    "claire.martin\uff20ville.test",
    "claire.martin\ufe6bville.test",
    "claire.martin @ ville.test",
    "claire.martin@\nville.test",
    "claire.martin\0@ville.test",
    "claire.mar\u200btin@ville.test",
    "claire.martin\u200b@\u2060ville.test",
    "claire.martin(at)ville.test",
    "claire.martin [at] ville.test",
    '"claire martin"@ville.test',
    "bounce+claire.martin=ville.test@provider.test",
    "claire.martin@[192.0.2.1]",
]


@pytest.mark.parametrize("written", ADDRESSES)
def test_an_address_is_left_out_however_it_is_written(written):
    said = redact(f"550 5.1.1 no such user {written} here")
    assert "claire" not in said.lower()
    assert "martin" not in said.lower()
    assert said.startswith("550 5.1.1 no such user")
    assert said.endswith("here")


def test_an_address_that_the_end_cuts_off_is_left_out():
    for blanks in range(3960, 4000):
        assert "claire" not in redact("no" + " " * blanks + "claire.martin@ville.test")


@pytest.mark.parametrize(
    "said", ["421 4.7.0 try again in 60 seconds", "timeout=40 seconds", "limit: 40% at most", "look at ville.test/help"]
)
def test_other_words_stay(said):
    assert redact(said) == said
