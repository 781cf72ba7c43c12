"""premailer: the rules of `inline.css` -> style attributes, since some webmails drop every `<style>`."""

from dataclasses import replace

from premailer import Premailer

from pvd_mailer.render.draft import Draft

__all__ = ["run"]

_MARK = ' data-premailer="ignore"'


def run(draft: Draft) -> Draft:
    """Rewrite `html`; conditional comments and `<style>` elements come out byte for byte.

    premailer drops a lower-case doctype and, left to its defaults, rewrites widths that Outlook needs; it would
    also fetch `@import`, so it is given our own rules only and no permission to load anything.
    """
    html = draft.html.replace("<!doctype html>", "<!DOCTYPE html>", 1).replace("<style", f"<style{_MARK}")
    inlined: str = Premailer(
        html,
        css_text=draft.css,
        keep_style_tags=False,
        strip_important=True,
        allow_network=False,
        allow_loading_external_files=False,
        disable_validation=True,
        align_floating_images=False,
        remove_unset_properties=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        disable_link_rewrites=True,
        cssutils_logging_level=60,
    ).transform()
    return replace(draft, html=inlined.replace(_MARK, ""))
