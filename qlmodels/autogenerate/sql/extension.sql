select
    'pg_catalog.pg_extension'::regclass::oid as class_,
    extension.oid as object,
    0 as part,
    'extension' as kind,
    quote_ident(extension.extname) as name,
    null as of_kind,
    null as of_name,
    json_build_object('schema', quote_ident(namespace.nspname))::text as properties,
    json_build_object(
        'create', format('create extension if not exists %I with schema %I',
                         extension.extname, namespace.nspname),
        'drop', format(
            $sql$do $$ begin
    if exists (
        select from pg_catalog.pg_extension as extension
        join pg_catalog.pg_roles as owner on owner.oid = extension.extowner
        where extension.extname = %1$L and owner.rolname = current_user
    ) then
        drop extension %1$I;
    end if;
exception
    when dependent_objects_still_exist then
        raise notice 'extension %% stays: something else needs it', %1$L;
end $$$sql$, extension.extname),
        'alter', json_build_object(
            'schema', format('alter extension %I set schema %I',
                             extension.extname, namespace.nspname))
    )::text as sql
from pg_catalog.pg_extension as extension
join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace
where extension.oid >= 16384
