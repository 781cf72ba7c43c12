"""Pictures as telephones, scanners and mishaps leave them: what the letter carries of them, and what is said."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pvd_mailer.issue.picture import UnreadablePictureError, read_picture
from tests.workspace import ISSUE, picture

IMAGE = ISSUE.replace(
    'body: "Un texte."', 'body: "Un texte."\n    image:\n      file: photo.jpg\n      alt: "Une halle."'
)
TURNED = 0x0112
RIGHT = 6  # the camera was turned: the picture has to be turned to the right
PLACE = 0x8825
FORMATS = ("WEBP", "BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "AVIF", "MPO")


def saved(kind, size=(120, 80), mode="RGB", turned=None, place=None, **options):
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new(mode, size, "#2040c0")
    image.paste("#c02020", (0, 0, size[0] // 2, size[1]))
    exif = image.getexif()
    if turned:
        exif[TURNED] = turned
    if place:
        exif.get_ifd(PLACE).update(place)
    target = BytesIO()
    image.save(target, kind, **({"exif": exif} if turned or place else {}), **options)
    return target.getvalue()


def mpo(turned=None):
    """Two pictures, the second of which says where it was taken."""
    behind = Image.open(BytesIO(saved("JPEG", place={1: "N", 2: (48.0, 57.0, 12.0), 3: "E", 4: (1.0, 52.0, 30.0)})))
    return saved("MPO", turned=turned, save_all=True, append_images=[behind])


def opened(attachment):
    image = Image.open(BytesIO(attachment.data))
    image.load()
    return image


def carried(issue_workspace, data):
    """The one picture that the letter carries, the logo apart."""
    (issue_workspace.folder / "images" / "photo.jpg").write_bytes(data)
    letter = issue_workspace.render(IMAGE)
    return letter, letter.attachments[-1]


@pytest.mark.parametrize("turned", [None, RIGHT])
def test_a_telephones_mpo_travels_as_a_jpeg_upright_and_alone(issue_workspace, turned):
    data = mpo(turned)
    assert Image.open(BytesIO(data)).format == "MPO"
    letter, one = carried(issue_workspace, data)
    image = opened(one)
    assert (one.media_type, image.format) == ("image/jpeg", "JPEG")
    assert one.name.endswith(".jpg")
    assert image.size == ((80, 120) if turned else (120, 80))
    assert TURNED not in image.getexif()
    assert b"MPF\0" not in one.data
    assert one.data.count(b"\xff\xd8\xff") == 1  # the second picture, and where it was taken, stay at home
    assert letter.text


@pytest.mark.parametrize("turned", range(2, 9))
def test_a_jpeg_that_is_to_be_turned_is_turned_for_programs_that_do_not(issue_workspace, turned):
    _letter, one = carried(issue_workspace, saved("JPEG", turned=turned))
    image = opened(one)
    assert image.size == ((80, 120) if turned >= 5 else (120, 80))
    assert TURNED not in image.getexif()
    red_first = turned in (4, 5, 6)  # mirrored top to bottom; to the right, with or without a mirror
    red, _green, blue = image.convert("RGB").getpixel((5, 5))
    assert (red > blue) == red_first


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_picture_that_stands_upright_travels_as_it_is(issue_workspace, kind):
    data = picture(kind)
    _letter, one = carried(issue_workspace, data)
    assert one.data == data


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
@pytest.mark.parametrize("turned", [None, RIGHT])
def test_other_colours_than_a_screens_are_no_stack_trace(issue_workspace, mode, turned):
    target = BytesIO()
    exif = Image.Exif()
    if turned:
        exif[TURNED] = turned
    Image.new(mode, (120, 80)).save(target, "JPEG", exif=exif)
    _letter, one = carried(issue_workspace, target.getvalue())
    assert opened(one).size == ((80, 120) if turned else (120, 80))


@pytest.mark.parametrize("kind", [one for one in FORMATS if one != "MPO"])
def test_a_format_that_cannot_be_sent_is_told_with_its_file(issue_workspace, kind):
    target = BytesIO()
    try:
        Image.new("RGB", (32, 32), "#336699").save(target, kind)
    except (OSError, KeyError) as error:  # this Pillow was built without it
        pytest.skip(str(error))
    (issue_workspace.folder / "images" / "photo.jpg").write_bytes(target.getvalue())
    [told] = issue_workspace.findings(IMAGE)
    assert told.rule == "image-unreadable"
    assert "photo.jpg" in told.message
    assert told.location.line == 1 + IMAGE.splitlines().index("      file: photo.jpg")


@pytest.mark.parametrize("cut", [0, 2, 20, 200, 700, 1200])
def test_a_cut_mpo_is_told_and_is_no_stack_trace(issue_workspace, cut):
    """Cut in the second picture it is whole for us; in the first one it is told."""
    (issue_workspace.folder / "images" / "photo.jpg").write_bytes(mpo()[:cut])
    found = issue_workspace.findings(IMAGE)
    assert [one.rule for one in found] in ([], ["image-unreadable"])
    assert found or cut > 700


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_mangled_picture_is_read_or_told_and_is_never_a_stack_trace(data, tmp_path_factory):
    whole = data.draw(st.sampled_from([mpo(), mpo(RIGHT), saved("JPEG", turned=RIGHT), saved("PNG"), saved("GIF")]))
    mangled = bytearray(whole)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=12)):
        mangled[at] = value
    file = tmp_path_factory.mktemp("pictures") / "photo.jpg"
    file.write_bytes(bytes(mangled[: data.draw(st.integers(0, len(mangled)))]))
    try:
        read = read_picture(file)
    except UnreadablePictureError:
        return
    assert read.media_type in ("image/png", "image/jpeg", "image/gif")
    assert Image.open(BytesIO(read.data)).size == (read.width, read.height)
