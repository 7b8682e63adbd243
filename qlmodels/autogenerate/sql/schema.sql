select
    'pg_catalog.pg_namespace'::regclass::oid as class_,
    namespace.oid as object,
    0 as part,
    'schema' as kind,
    quote_ident(namespace.nspname) as name,
    null as of_kind,
    null as of_name,
    '{}' as properties,
    json_build_object(
        'create', format('create schema if not exists %I', namespace.nspname),
        'drop', case namespace.nspname
            when 'public' then null
            when 'extensions' then
                $sql$do $$ begin
    if exists (
        select from pg_catalog.pg_namespace as schema
        join pg_catalog.pg_roles as owner on owner.oid = schema.nspowner
        where schema.nspname = 'extensions' and owner.rolname = current_user
    ) then
        drop schema extensions;
    end if;
exception
    when dependent_objects_still_exist then
        raise notice 'schema extensions stays: something else needs it';
end $$$sql$
            else format('drop schema %I', namespace.nspname) end
    )::text as sql
from pg_catalog.pg_namespace as namespace
where namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
