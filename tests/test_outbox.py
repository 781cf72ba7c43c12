import email
import email.policy
import json
import mailbox
import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.desk import LIST, blocks, environment
from tests.desk import picture as draw

READERS = {"claire@example.org", "mairie@ville.example", "karim@example.com"}


@pytest.fixture
def send(run):
    def send(*more):
        return run("send", "1", "--channel", "outbox", *more)

    return send


def box(desk):
    return mailbox.Maildir(str(desk.root / "var" / "outbox"), create=False)


def messages(desk):
    return [email.message_from_bytes(one.as_bytes(), policy=email.policy.default) for one in box(desk)]


def readers(desk):
    return sorted(address for one in messages(desk) for address in [one["To"].addresses[0].addr_spec])


def many(desk, count):
    rows = "".join(f"lecteur{number}@example.org;Lecteur;{number}\n" for number in range(count))
    (desk.root / "subscribers" / "sample.csv").write_text("email;first_name;last_name\n" + rows, "utf-8")


def test_everybody_gets_one_message(desk, send):
    ran = send()
    assert ran.code == 0, ran.err
    assert readers(desk) == sorted(READERS)
    assert len(box(desk)) == 3


def test_the_message_is_the_letter(desk, send):
    send()
    letter = desk.render()
    for message in messages(desk):
        assert message["Subject"] == letter.subject
        text = message.get_body(("plain",)).get_content()
        assert letter.fill_text({"unsubscribe": re.search(r"<(.*?)>", message["List-Unsubscribe"])[1]}) == text


def test_a_message_names_its_reader_and_no_other(desk, send):
    send()
    for path in (desk.root / "var" / "outbox" / "new").iterdir():
        raw = path.read_bytes()
        assert sum(address.encode() in raw for address in READERS) == 1
        assert not any(address.encode() in path.name.encode() for address in READERS)


def test_a_second_send_delivers_nothing(desk, send):
    send()
    before = {path.name: path.read_bytes() for path in (desk.root / "var" / "outbox" / "new").iterdir()}
    ran = send()
    assert ran.code == 0
    assert {path.name: path.read_bytes() for path in (desk.root / "var" / "outbox" / "new").iterdir()} == before


def test_a_letter_that_was_read_is_not_delivered_again(desk, send):
    send()
    outbox = desk.root / "var" / "outbox"
    for path in list((outbox / "new").iterdir()):
        path.rename(outbox / "cur" / f"{path.name}:2,S")
    assert send().code == 0
    assert len(box(desk)) == 3


def test_again_delivers_again(desk, send):
    send()
    assert send("--again").code == 0
    assert readers(desk) == sorted([*READERS] * 2)


def test_another_issue_goes_to_everybody(desk, send, run):
    send()
    other = desk.root / "issues" / "002-2023-04"
    shutil.copytree(desk.folder, other)
    file = other / "issue.yaml"
    file.write_text(file.read_text("utf-8").replace("number: 1", "number: 2"), "utf-8")
    assert run("send", "2", "--channel", "outbox").code == 0
    assert len(box(desk)) == 6


def test_somebody_new_on_the_list_gets_it_alone(desk, send):
    send()
    file = desk.root / "subscribers" / "sample.csv"
    file.write_text(LIST + "nouvelle@example.org;;\n", "utf-8")
    assert send().code == 0
    assert readers(desk) == sorted([*READERS, "nouvelle@example.org"])


def test_bad_lines_are_told_by_their_number_and_not_sent(desk, send):
    file = desk.root / "subscribers" / "sample.csv"
    file.write_text(
        LIST + "pas-une-adresse;;\nCLAIRE@example.org;Claire;Bis\n;;\na@b@example.org;;\n<x@example.org>;;\n", "utf-8"
    )
    ran = send()
    assert ran.code == 0
    told = re.findall(r"sample\.csv:(\d+)", ran.err)
    assert told == ["5", "6", "8", "9"]
    assert "2" in re.search(r"line 6: .*line (\d+)", ran.err)[1]
    assert readers(desk) == sorted(READERS)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("\ufeffemail;first_name;last_name\r\nlea@example.org;Léa;O’Neill\r\n".encode(), "Léa O’Neill"),
        ("courriel;prénom;nom\r\nlea@example.org;Léa;Exemple\r\n".encode("cp1252"), "Léa Exemple"),
        (b'email,first_name,last_name\nlea@example.org,"Martin, L\xc3\xa9a",X\n', "Martin, Léa X"),
        (b'email;first_name;last_name\nlea@example.org;"L\r\nBcc: x@example.org";X\n', None),
        (b"E-mail\nlea@example.org\n", ""),
    ],
)
def test_lists_of_french_spreadsheets_are_read(desk, send, raw, name):
    (desk.root / "subscribers" / "sample.csv").write_bytes(raw)
    assert send().code == 0
    (message,) = messages(desk)
    assert message["Bcc"] is None
    (address,) = message["To"].addresses
    assert address.addr_spec == "lea@example.org"
    assert name is None or address.display_name == name


@pytest.mark.parametrize(
    "raw", [b"", b"nom;prenom\na;b\n", bytes(range(256)), b"email\n" + b'"' * 200_000, b"\0" * 1000]
)
def test_a_list_that_is_none_is_wrong_usage_or_empty(desk, send, raw):
    (desk.root / "subscribers" / "sample.csv").write_bytes(raw)
    ran = send()
    assert ran.code in (0, 2)
    assert "Traceback" not in ran.err
    assert "fault of the program" not in ran.err


def test_a_list_that_is_not_there_is_wrong_usage(send):
    assert send("--list", "nulle-part.csv").code == 2


def test_another_list_may_be_named(desk, send):
    (desk.root / "autre.csv").write_text("email\nautre@example.org\n", "utf-8")
    assert send("--list", "autre.csv").code == 0
    assert readers(desk) == ["autre@example.org"]


def test_a_blocked_issue_is_sent_to_nobody(desk, send):
    desk.write("blocks: []\n")
    assert send().code == 1
    assert not (desk.root / "var" / "outbox" / "new").exists() or not list(box(desk))


def test_file_names_are_legal_everywhere(desk, send):
    send()
    send("--again")
    for path in (desk.root / "var").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}(?<!\.)", path.name)
        assert path.name.split(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL")


def test_json_counts_everybody_once(send):
    ran = send("--format", "json")
    told = json.loads(ran.out)
    assert (told["audience"], told["complete"]) == (3, True)
    assert sum(told["outcomes"].values()) == 3
    again = json.loads(send("--format", "json").out)
    assert sum(again["outcomes"].values()) == 3
    assert again["outcomes"]["accepted"] == 0


def test_killed_in_the_middle_and_run_again_each_gets_exactly_one(desk):
    many(desk, 500)
    new = desk.root / "var" / "outbox" / "new"
    killed = 0
    for wanted in (30, 200):
        process = subprocess.Popen(
            desk.command("send", "1", "--channel", "outbox"),
            cwd=desk.root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(3000):
            if process.poll() is not None or (new.is_dir() and len(list(new.iterdir())) >= wanted):
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        killed += process.wait(timeout=60) == -signal.SIGKILL
    assert killed
    ran = desk.process("send", "1", "--channel", "outbox")
    assert ran.returncode == 0, ran.stderr
    assert len(readers(desk)) == 500
    assert len(set(readers(desk))) == 500


@pytest.mark.parametrize("part", ["new", "tmp", "cur"])
def test_a_file_in_a_folders_place_is_told_and_no_trace(desk, send, part):
    outbox = desk.root / "var" / "outbox"
    outbox.mkdir(parents=True)
    (outbox / part).write_text("", "utf-8")
    ran = send()
    assert ran.code in (3, 4)
    assert "Traceback" not in ran.err
    assert "fault of the program" not in ran.err


def test_a_full_disk_is_an_incomplete_send(desk):
    small = 40_000  # bytes a file may have: less than a message with its picture
    picture = desk.folder / "images" / "une-image.png"
    picture.write_bytes(draw("PNG", (300, 300)) + b"\0" * 60_000)
    desk.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Un"}'))
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({small}, {small}))\n"
        "from pvd_mailer.cli import main\n"
        "main(['send', '1', '--channel', 'outbox'])\n"
    )
    command = [desk.command()[0], "-c", code]
    ran = subprocess.run(
        command, cwd=desk.root, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 4, ran.stderr
    assert "Traceback" not in ran.stderr
    assert list((desk.root / "var" / "outbox" / "tmp").iterdir()) == []
    assert list(box(desk)) == []
    after = desk.process("send", "1", "--channel", "outbox")
    assert after.returncode == 0
    assert len(box(desk)) == 3
