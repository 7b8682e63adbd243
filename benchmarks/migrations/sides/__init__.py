"""One file a tool that lives in Alembic, run by an interpreter that has it."""
