"""The environment of every tool that lives in Alembic."""

from alembic import context
from sqlalchemy import NullPool, create_engine

given = context.config.attributes
schemas = {*given["schemas"]}


def ours(name: str | None, kind: str, _: object) -> bool:
    """Alembic, told to look at all schemas, would drop what others have there."""
    return kind != "schema" or (name or "public") in schemas


engine = create_engine(given["url"], poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=given["metadata"],
        include_schemas=True,
        include_name=ours,
        compare_type=True,
        compare_server_default=True,
        **given["options"],
    )
    with context.begin_transaction():
        context.run_migrations()
