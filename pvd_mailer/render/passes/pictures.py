"""Gives every picture its name: where it is hosted, or the Content-ID under which it travels."""

import hashlib
from dataclasses import replace

from pvd_mailer.letter import Attachment
from pvd_mailer.render.draft import Draft

__all__ = ["run"]


def run(draft: Draft) -> Draft:
    """Fill in `sources` and `attachments`; two files with the same bytes become one."""
    picture_urls: dict[str, str] = {}
    attachments: dict[str, Attachment] = {}
    names = [
        name
        for image in (*draft.publication.images(draft.issue.snippets_used()), *draft.issue.images())
        for name in (image.file, image.dark_file)
        if name is not None
    ]
    for name in names:
        picture = draft.pictures[name]
        digest = hashlib.sha256(picture.data).hexdigest()[:20]
        hosted_name = f"{digest}.{picture.media_type.partition('/')[2].replace('jpeg', 'jpg')}"
        content_id = f"{digest}@letter"  # repeated in the HTML, so kept short; unique by its digest
        attachments.setdefault(digest, Attachment(hosted_name, content_id, picture.media_type, picture.data))
        if draft.hosting.pages_url:
            picture_urls[name] = f"{draft.hosting.pages_url}/images/{hosted_name}"
        else:
            picture_urls[name] = f"cid:{content_id}"
    return replace(draft, picture_urls=picture_urls, attachments=tuple(attachments.values()))
