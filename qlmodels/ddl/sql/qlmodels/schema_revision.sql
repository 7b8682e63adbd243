-- The revision that the schema is at, for a login that may not enter the private schema.
create or replace function qlmodels.schema_revision() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(version.version_num, ', ' order by version.version_num)
          from qlmodels_private.alembic_version as version
    );
end $$;
