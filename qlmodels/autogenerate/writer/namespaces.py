"""Schemas, extensions, types, sequences, publications, comments."""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer.base import (
    ASIDE,
    CannotWrite,
    Change,
    Statement,
    Statements,
    Writer,
    as_read,
    bare,
    differing,
    literal,
    owned,
    set_aside,
)
from qlmodels.autogenerate.writer.columns import sequence_options

SHARED_SCHEMAS = {"public", "extensions"}

NOT_VALID = " NOT VALID"

DROP_IF_OURS = """\
do $$ begin
    if exists (
        select from pg_catalog.{catalog} as thing
        join pg_catalog.pg_roles as owner on owner.oid = thing.{owner}
        where thing.{column} = {value} and owner.rolname = current_user
    ) then
        drop {kind} {name};
    end if;
exception
    when dependent_objects_still_exist then
        raise notice '{kind} % stays: something else needs it', {value};
end $$"""


def _create_schema(schema: Fact, _change: Change) -> Statements:
    yield Statement(f"create schema if not exists {schema.name}")


def _drop_schema(schema: Fact, _change: Change) -> Statements:
    if schema.name == "public":
        return
    if schema.name in SHARED_SCHEMAS:
        yield _drop_if_ours(schema, "pg_namespace", "nspname", "nspowner")
    else:
        yield Statement(f"drop schema {schema.name}")


def _drop_if_ours(fact: Fact, catalog: str, column: str, owner: str) -> Statement:
    value = literal(fact.name.strip('"'))
    return Statement(
        DROP_IF_OURS.format(
            catalog=catalog,
            column=column,
            owner=owner,
            kind=fact.kind,
            name=fact.name,
            value=value,
        )
    )


def _create_extension(extension: Fact, _change: Change) -> Statements:
    where = f" with schema {extension['schema']}" if extension["schema"] else ""
    yield Statement(f"create extension if not exists {extension.name}{where}")


def _drop_extension(extension: Fact, _change: Change) -> Statements:
    yield _drop_if_ours(extension, "pg_extension", "extname", "extowner")


def _alter_extension(_old: Fact, new: Fact, _change: Change) -> Statements:
    yield Statement(f"alter extension {new.name} set schema {new['schema']}")


# -- types -------------------------------------------------------------------------------------


def _create_type(type_: Fact, _change: Change) -> Statements:
    if type_["base"]:
        yield Statement(f"create domain {type_.name} as {_domain(type_)}")
        for name, check in (type_["checks"] or {}).items():
            if check.endswith(NOT_VALID):
                yield Statement(f"alter domain {type_.name} add constraint {name} {check}")
    elif type_["attributes"]:
        yield Statement(f"create type {type_.name} as ({', '.join(type_['attributes'])})")
    else:
        labels = ", ".join(literal(label) for label in type_["labels"] or ())
        yield Statement(f"create type {type_.name} as enum ({labels})")


def _domain(domain: Fact) -> str:
    parts = [domain["base"]]
    if domain["collation"]:
        parts.append(f"collate {domain['collation']}")
    if domain["default"] is not None:
        parts.append(f"default {domain['default']}")
    if domain["not null"]:
        parts.append("not null")
    checks = (domain["checks"] or {}).items()
    parts += [
        f"constraint {name} {as_read(check)}"
        for name, check in checks
        if not check.endswith(NOT_VALID)
    ]
    return " ".join(parts)


def _drop_type(type_: Fact, _change: Change) -> Statements:
    yield Statement(f"drop {_noun(type_)} {type_.name}")


def aside(key: Key, of: str) -> str | None:
    """The type `of`, which is `key` or made of it, once that was moved aside."""
    if not of.startswith(key.name):
        return None
    return f"{ASIDE}.{bare(key.name)}{of.removeprefix(key.name)}"


def move_aside(type_: Fact) -> Statements:
    return set_aside(
        _noun(type_), type_.name, "ALTER cannot do this: whatever is of this type is converted"
    )


def drop_aside(type_: Fact) -> Statement:
    return Statement(f"drop {_noun(type_)} {ASIDE}.{bare(type_.name)}")


def _noun(type_: Fact) -> str:
    return "domain" if type_["base"] else "type"


def _alter_type(old: Fact, new: Fact, _change: Change) -> Statements | None:
    changed = differing(old, new)
    if changed == {"labels"} and len(old["labels"]) == len(new["labels"]):
        both = zip(old["labels"], new["labels"], strict=True)
        renamed = {before: after for before, after in both if before != after}
        known = {*old["labels"], *new["labels"]}
        return (
            _rename_labels(new, renamed)
            if len(known) == len(old["labels"]) + len(renamed)
            else None
        )
    if changed == {"labels"}:
        kept = [label for label in new["labels"] if label in old["labels"]]
        return _add_labels(old, new) if kept == old["labels"] else None
    if changed <= {"default", "not null", "checks"}:
        return _alter_domain(old, new)
    return None


def _rename_labels(type_: Fact, renamed: dict[str, str]) -> Statements:
    for before, after in renamed.items():
        yield Statement(
            f"alter type {type_.name} rename value {literal(before)} to {literal(after)}"
        )


def _add_labels(old: Fact, new: Fact) -> Statements:
    known = list(old["labels"])
    for position, label in enumerate(new["labels"]):
        if label in known:
            continue
        where = (
            f"after {literal(new['labels'][position - 1])}"
            if position
            else (f"before {literal(known[0])}")
        )
        yield Statement(f"alter type {new.name} add value {literal(label)} {where}")


def _alter_domain(old: Fact, new: Fact) -> Statements:
    head = f"alter domain {new.name}"
    if old["default"] != new["default"]:
        default = new["default"]
        yield Statement(f"{head} {'drop default' if default is None else f'set default {default}'}")
    if old["not null"] != new["not null"]:
        yield Statement(f"{head} {'set' if new['not null'] else 'drop'} not null")
    before, after = old["checks"] or {}, new["checks"] or {}
    for name in before:
        if after.get(name) != before[name]:
            yield Statement(f"{head} drop constraint {name}")
    for name in after:
        if after[name] != before.get(name):
            yield Statement(f"{head} add constraint {name} {as_read(after[name])}")


# -- sequences ---------------------------------------------------------------------------------


def _sequence(sequence: Fact, names: set[str]) -> str:
    named = {n: v for n, v in sequence.properties.items() if n in names}
    type_ = f" as {named.pop('type')}" if "type" in named else ""
    owner = f" owned by {named.pop('owned by')}" if named.get("owned by") else ""
    named.pop("unlogged", None)
    words = list(sequence_options(named))
    return type_ + "".join(f" {word}" for word in words) + owner


def _create_sequence(sequence: Fact, _change: Change) -> Statements:
    unlogged = "unlogged " if sequence["unlogged"] else ""
    options = _sequence(sequence, set(sequence.properties))
    yield Statement(f"create {unlogged}sequence {sequence.name}{options}")


def _drop_sequence(sequence: Fact, _change: Change) -> Statements:
    yield Statement(f"drop sequence {sequence.name}", "loses the sequence's position")


def _alter_sequence(old: Fact, new: Fact, _change: Change) -> Statements:
    changed = differing(old, new)
    if "unlogged" in changed:
        word = "unlogged" if new["unlogged"] else "logged"
        yield Statement(f"alter sequence {new.name} set {word}")
    if options := _sequence(new, changed):
        yield Statement(f"alter sequence {new.name}{options}")
    if old["owned by"] and not new["owned by"]:
        yield Statement(f"alter sequence {new.name} owned by none")


# -- publications ------------------------------------------------------------------------------


def _create_publication(publication: Fact, _change: Change) -> Statements:
    scope = ""
    if publication["all tables"]:
        scope = " for all tables"
    elif publication["schemas"]:
        scope = f" for tables in schema {', '.join(publication['schemas'])}"
    options = ", ".join(_publishing(publication))
    yield Statement(f"create publication {publication.name}{scope} with ({options})")


def _publishing(publication: Fact) -> list[str]:
    options = [f"publish = {literal(publication['publish'])}"]
    if publication["via root"]:
        options.append("publish_via_partition_root = true")
    if publication["generated columns"]:
        options.append("publish_generated_columns = stored")
    return options


def _alter_publication(old: Fact, new: Fact, _change: Change) -> Statements | None:
    changed = differing(old, new)
    if changed & {"all tables", "schemas"}:
        return None
    gone = {
        "publish_via_partition_root = false": old["via root"] and not new["via root"],
        "publish_generated_columns = none": old["generated columns"]
        and not new["generated columns"],
    }
    options = _publishing(new) + [setting for setting, reset in gone.items() if reset]
    return iter((Statement(f"alter publication {new.name} set ({', '.join(options)})"),))


def _drop_publication(publication: Fact, _change: Change) -> Statements:
    yield Statement(f"drop publication {publication.name}")


def _publish_table(member: Fact, _change: Change) -> Statements:
    columns = f" ({', '.join(member['columns'])})" if member["columns"] else ""
    where = f" where ({as_read(member['where'])})" if member["where"] else ""
    table = f"{member['table']}{columns}{where}"
    yield Statement(f"alter publication {member.parent.name} add table {table}")


def _withdraw_table(member: Fact, _change: Change) -> Statements:
    yield Statement(f"alter publication {member.parent.name} drop table {member['table']}")


# -- comments ----------------------------------------------------------------------------------


def _comment(fact: Fact, change: Change) -> Statements:
    yield Statement(f"comment on {_about(fact, change)} is {literal(fact['comment'])}")


def _uncomment(fact: Fact, change: Change) -> Statements:
    yield Statement(f"comment on {_about(fact, change)} is null")


def _about(fact: Fact, change: Change) -> str:
    return " ".join(owned(fact, change)) if str(fact.of) == fact.name else fact.name


def _refuse(fact: Fact, _change: Change) -> Statements:
    raise CannotWrite(
        f"{fact.name} is of a kind that is not compared, so that it cannot be written:"
        " make or drop it in a revision of your own"
    )


SCHEMA = Writer(_create_schema, _drop_schema)
EXTENSION = Writer(_create_extension, _drop_extension, _alter_extension)
TYPE = Writer(_create_type, _drop_type, _alter_type)
SEQUENCE = Writer(_create_sequence, _drop_sequence, _alter_sequence)
PUBLICATION = Writer(_create_publication, _drop_publication, _alter_publication)
PUBLICATION_TABLE = Writer(_publish_table, _withdraw_table)
COMMENT = Writer(_comment, _uncomment, lambda _, new, change: _comment(new, change))
UNCOMPARED = Writer(_refuse, _refuse)
