"""Schemas, extensions, sequences, publications, comments."""

from qlmodels.autogenerate.facts import Fact
from qlmodels.autogenerate.writer.base import (
    CannotWrite,
    Change,
    Statement,
    Statements,
    Writer,
    as_read,
    differing,
    literal,
    owned,
)
from qlmodels.autogenerate.writer.columns import sequence_options

SHARED_SCHEMAS = {"public", "extensions"}

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
SEQUENCE = Writer(_create_sequence, _drop_sequence, _alter_sequence)
PUBLICATION = Writer(_create_publication, _drop_publication, _alter_publication)
PUBLICATION_TABLE = Writer(_publish_table, _withdraw_table)
COMMENT = Writer(_comment, _uncomment, lambda _, new, change: _comment(new, change))
UNCOMPARED = Writer(_refuse, _refuse)
