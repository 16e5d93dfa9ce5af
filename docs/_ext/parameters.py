"""Sphinx extension: parameters, errors and attributes are shown as terms with their descriptions.

Sphinx makes a bullet list of them. A definition list shows the name and type on a line of their
own, and the description below.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

DASH = re.compile(" (?:--|–) ?")
NAMES = (addnodes.literal_strong, addnodes.literal_emphasis)


def define_parameters(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the bullet lists of field lists into definition lists."""
    for field_list in doctree.findall(nodes.field_list):
        if not isinstance(field_list.parent, addnodes.desc_content):
            continue
        for field in field_list.children:
            body = field.children[1]
            items = list(body.children)
            if len(items) == 1 and isinstance(items[0], nodes.bullet_list):
                entries = [item.children for item in items[0].children]
            elif is_entry(items):
                entries = [items]
            else:
                continue
            if all(is_entry(entry) for entry in entries):
                terms = nodes.definition_list("", *map(define, entries), classes=["parameters"])
                body.children.clear()
                body += terms


def is_entry(blocks: list[nodes.Node]) -> bool:
    """Return whether the blocks begin with the name of a parameter or an error."""
    return bool(blocks) and isinstance(blocks[0], nodes.paragraph) and begins_with_name(blocks[0])


def begins_with_name(paragraph: nodes.paragraph) -> bool:
    """Return whether a paragraph begins with a name, or with a link of which it is the text."""
    first = paragraph.children[0] if paragraph.children else None
    if isinstance(first, addnodes.pending_xref | nodes.reference):
        first = first.children[0] if first.children else None
    return isinstance(first, NAMES)


def define(blocks: list[nodes.Node]) -> nodes.definition_list_item:
    """Split "name (type) – description" at the dash."""
    head, *rest = blocks
    term, description = nodes.term(), nodes.paragraph()
    target: nodes.Element = term
    for child in head.children:
        parts = DASH.split(child.astext(), maxsplit=1) if isinstance(child, nodes.Text) else []
        if target is term and len(parts) == 2:
            term += nodes.Text(parts[0])
            target = description
            target += nodes.Text(parts[1])
        else:
            target += child.deepcopy()
    body = nodes.definition()
    body += [block.deepcopy() for block in [description, *rest] if block.children]
    return nodes.definition_list_item("", term, body)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the transform."""
    app.connect("doctree-read", define_parameters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
