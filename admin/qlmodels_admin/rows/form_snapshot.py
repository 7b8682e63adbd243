"""What a form was opened with, compared with the row as it is when the form comes back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData
from wtforms import Form

from qlmodels_admin.rows.column_fields import fingerprint, fingerprints, shown_text
from qlmodels_admin.rows.errors import Conflict, FieldConflict, Refused


@dataclass(frozen=True, slots=True)
class FormSnapshot:
    """What a form was opened with, and what was chosen where somebody else changed it since."""

    fingerprints: dict[str, str]
    bases: dict[str, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    """Fields that are to stay as they are in the database."""
    agreed: bool = False
    """Whether the person saw what had changed."""

    def excuses(self, form: Form) -> bool:
        """Forget the errors of fields that were left as they were: nothing of them is written.

        Return whether those were all.
        """
        changed = _differences(form, self.fingerprints)
        for name, part in form._fields.items():
            if name not in changed:
                part.errors = []
        return not any(part.errors for part in form._fields.values())


def read_snapshot(posted: FormData) -> FormSnapshot:
    """Return what the form's page sent back. Raises Refused."""
    fingerprints = _texts(posted.get("_opened"))
    if fingerprints is None:
        raise Refused("The form is incomplete, so nothing was saved: open it again.")
    choices = {str(name): str(posted.get(f"_choice.{name}", "")) for name in posted.getlist("_ask")}
    if unmade := [name for name, choice in choices.items() if choice not in {"now", "yours"}]:
        errors = {name: ["Choose which value to save."] for name in unmade}
        raise Refused("Nothing was saved. Choose which values to save.", errors)
    known = _texts(posted.get("_base")) or {}
    return FormSnapshot(
        fingerprints,
        {name: text for name, text in known.items() if fingerprint(text) == fingerprints.get(name)},
        frozenset(name for name, choice in choices.items() if choice == "now"),
        agreed="_agreed" in posted,
    )


def _texts(text: Any) -> dict[str, str] | None:
    try:
        document = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return {str(name): str(value) for name, value in document.items()}


def changed_fields(form: Form, row: Mapping[str, Any], opened: FormSnapshot) -> set[str]:
    """Return the fields that are not as the row has them. Raises Conflict."""
    current = type(form)(data=row)
    _detect_conflict(form, current, opened)
    return _differences(form, fingerprints(current))


def _differences(form: Form, shown: Mapping[str, str]) -> set[str]:
    return {name for name, value in fingerprints(form).items() if value != shown.get(name)}


def _detect_conflict(form: Form, current: Form, opened: FormSnapshot) -> None:
    _follow(form, current, set(opened.keep) & set(form._fields))
    moved = _differences(current, opened.fingerprints)
    mine = _differences(form, opened.fingerprints) & _differences(form, fingerprints(current))
    if not moved or (opened.agreed and not moved & mine):
        _follow(form, current, moved - mine)
        return
    clashes = [
        FieldConflict(
            name=name,
            label=form._fields[name].label.text,
            base=opened.bases.get(name),
            now=shown_text(current._fields[name]),
            yours=shown_text(form._fields[name]),
            changed_by_you=name in mine,
            is_document=getattr(form._fields[name], "kind", "") == "json",
        )
        for name in form._fields
        if name in moved
    ]
    _follow(form, current, moved - mine)
    raise Conflict(clashes, current)


def _follow(form: Form, current: Form, names: set[str]) -> None:
    """Fields that the person left alone show what the row holds now."""
    for name in names:
        form._fields[name] = current._fields[name]
