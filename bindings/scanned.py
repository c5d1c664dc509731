# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scanner knows of the library, for those who write types for a language."""

import re
import xml.etree.ElementTree

SPACES = {
    "": "http://www.gtk.org/introspection/core/1.0",
    "glib": "http://www.gtk.org/introspection/glib/1.0",
}


def read_namespace(path):
    return xml.etree.ElementTree.parse(path).getroot().find("namespace", SPACES)


def find_all(element, name):
    return [one for one in element.findall(name, SPACES) if one.get("introspectable", "1") == "1"]


def find_kinds(space):
    """Records and classes, but the structures that classes have in C."""
    return [one for one in find_all(space, "record")
            if not one.get(f"{{{SPACES['glib']}}}is-gtype-struct-for")] + find_all(space, "class")


def find_parameters(method):
    """What is to be given; a list knows its length."""
    found = method.find("parameters", SPACES)
    array = method.find("return-value/array", SPACES)
    parameters = []
    for position, parameter in enumerate([] if found is None else find_all(found, "parameter")):
        if array is not None and array.get("length") == str(position):
            continue
        assert parameter.get("direction", "in") == "in", f"{method.get('name')} has out parameters"
        parameters.append(parameter)
    return parameters


def find_text(element, null):
    """The first paragraph of its documentation; the language says what there is not."""
    document = element.find("doc", SPACES)
    text = document.text if document is not None else ""
    text = re.sub(r"\[\w+@(?:Wsm\.)?([^\]]+)\]", r"`\1`", text.split("\n\n")[0])
    return " ".join(text.replace("%NULL", null).replace("`NULL`", null).split())


def is_settable(item):
    return item.get("writable") == "1" and item.get("construct-only") != "1"


def is_nullable_property(item, methods):
    """The scanner does not know whether a property may be NULL, but that of its accessor."""
    getter = methods.get(item.get("getter"))
    result = getter.find("return-value", SPACES) if getter is not None else None
    return item.get("nullable") == "1" or result is not None and result.get("nullable") == "1"


def word(name):
    return name.replace("-", "_")
