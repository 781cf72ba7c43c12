"""The pictures that an issue and its publication name, read from their folders.

The trees are searched, not the models, so that one fault elsewhere hides none of these.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pvd_mailer.compose.finding import block_id
from pvd_mailer.compose.messages import OUTSIDE_WORKSPACE
from pvd_mailer.compose.validate import block_nodes
from pvd_mailer.compose.yaml.parsed_file import ParsedFile
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, SequenceNode, find_node
from pvd_mailer.findings import Finding
from pvd_mailer.i18n import _, format_number
from pvd_mailer.issue.picture import (
    MAX_PICTURE_BYTES,
    Picture,
    PictureTooLargeError,
    UnreadablePictureError,
    read_picture,
)
from pvd_mailer.workspace import Workspace

__all__ = ["load_issue_pictures", "load_publication_pictures", "pictures_of_two"]

_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}\.(?i:png|jpe?g|gif)")
_PICTURE_KEYS = ("file", "dark_file")


def load_issue_pictures(root: Node, folder: Path, file: ParsedFile, workspace: Workspace) -> dict[str, Picture]:
    """By file name, the pictures in `folder` that the blocks under `root` name; what is wrong goes to `file`."""
    pictures: dict[str, Picture] = {}
    for block in block_nodes(root):
        for name_node in _picture_names(block):
            picture = _load_picture(name_node, folder, file, workspace, block_id(block))
            pictures |= {name_node.text: picture} if picture else {}
    return pictures


def load_publication_pictures(
    settings: Node, snippets: Iterable[str], folder: Path, files: Sequence[ParsedFile], workspace: Workspace
) -> tuple[dict[str, Picture], list[Finding]]:
    """By file name, the pictures in `folder` of the logo and of these `snippets`; and what is wrong.

    `settings` is the publication's tree with the issue's overrides; `files` are those that its values come from.
    """
    pictures: dict[str, Picture] = {}
    findings: list[Finding] = []
    by_path = {file.display_path: ParsedFile(file.display_path, lines=file.lines, findings=findings) for file in files}
    for key_path in (("logo",), *(("snippets", name, "image") for name in snippets)):
        image, reached = find_node(settings, key_path)
        for name_node in _names_of_image(image) if reached else ():
            picture = _load_picture(name_node, folder, by_path[name_node.file], workspace, None)
            pictures |= {name_node.text: picture} if picture else {}
    return pictures, findings


def pictures_of_two(
    root: Node,
    file: ParsedFile,
    pictures: Mapping[str, Picture],
    of_publication: Mapping[str, Picture],
    folder: Path,
    workspace: Workspace,
) -> Iterator[Finding]:
    """The findings of names that are those of two pictures, one of which would hide the other.

    `pictures` are those of the issue, `of_publication` those in `folder`.
    """
    for block in block_nodes(root):
        for name_node in _picture_names(block):
            own, other = pictures.get(name_node.text), of_publication.get(name_node.text)
            if own is not None and other is not None and own.data != other.data:
                where = workspace.display_path(folder)
                yield file.finding_at(
                    name_node, "picture-twice", block=block_id(block), found=name_node.text, folder=where
                )


def _picture_names(node: Node) -> Iterator[ScalarNode]:
    """The nodes of the names of files under `image`, anywhere in `node`."""
    if isinstance(node, MappingNode):
        for key, value in node.items.items():
            yield from _names_of_image(value) if key == "image" else _picture_names(value)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _picture_names(item)


def _names_of_image(image: Node) -> Iterator[ScalarNode]:
    for key in _PICTURE_KEYS:
        name_node = image.items.get(key) if isinstance(image, MappingNode) else None
        if isinstance(name_node, ScalarNode) and _PICTURE_NAME.fullmatch(name_node.text):
            yield name_node


def _load_picture(
    name_node: ScalarNode, folder: Path, file: ParsedFile, workspace: Workspace, block: str | None
) -> Picture | None:
    """The picture that `name_node` names in `folder`; None, and a finding of `file`, where it cannot be had."""
    name = name_node.text
    context: dict[str, Any] = {}
    if workspace.leads_outside(folder / name, folder.parent):
        message = f"{name}, {_(OUTSIDE_WORKSPACE)}"
        file.findings.append(file.finding_at(name_node, "file-unreadable", block=block, found=message))
        return None
    try:
        return read_picture(folder / name)
    except PictureTooLargeError as exc:
        rule = "image-too-large"
        context = {"size": format_number(exc.args[0] // 1000), "limit": format_number(MAX_PICTURE_BYTES // 1000)}
    except UnreadablePictureError:
        rule = "image-unreadable"
    except OSError:
        rule = "image-missing"
    context |= {"found": name, "folder": workspace.display_path(folder)}
    file.findings.append(file.finding_at(name_node, rule, block=block, **context))
    return None
