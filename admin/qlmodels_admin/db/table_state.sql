-- What the panel's login may do with a table, and whether its changes are logged.
with wanted as (
    select c.oid, c.relkind, n.oid as schema
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = :schema and c.relname = :name
)
select
    exists (select from wanted) as is_there,
    coalesce(wanted.relkind in ('v', 'm'), false) as is_view,
    coalesce(has_schema_privilege(wanted.schema, 'usage'), false) as has_schema,
    has_any_column_privilege(wanted.oid, 'select') as may_select,
    has_any_column_privilege(wanted.oid, 'insert') as may_insert,
    has_any_column_privilege(wanted.oid, 'update') as may_update,
    has_table_privilege(wanted.oid, 'delete') as may_delete,
    pg_relation_is_updatable(wanted.oid, true) & 8 = 8 as takes_insert,
    pg_relation_is_updatable(wanted.oid, true) & 4 = 4 as takes_update,
    pg_relation_is_updatable(wanted.oid, true) & 16 = 16 as takes_delete,
    row_security_active(wanted.oid) and not exists (
        select from pg_catalog.pg_policy p
        cross join unnest(p.polroles) as r (oid)
        where p.polrelid = wanted.oid and p.polpermissive
            and (r.oid = 0 or pg_has_role(r.oid, 'usage'))
    ) as is_hidden,
    exists (
        select from pg_catalog.pg_trigger t
        join pg_catalog.pg_proc f on f.oid = t.tgfoid
        join pg_catalog.pg_namespace s on s.oid = f.pronamespace
        where t.tgrelid = wanted.oid and s.nspname = 'qlmodels' and f.proname = 'record_change'
            and t.tgenabled in ('O', 'A') and t.tgtype & 28 = 28
    ) as is_audited,
    coalesce((
        select array_agg(format('%I.%I', s.nspname, c.relname) order by 1)
        from pg_catalog.pg_depend d
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
        join pg_catalog.pg_namespace s on s.oid = c.relnamespace
        where d.refobjid = wanted.oid and d.deptype = 'a'
            -- asked of sequences alone, in whichever order the conditions are met
            and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage') end
    ), '{}') as sequences,
    (
        select string_agg(format('%I', column_name), ', ' order by place)
        from unnest(cast(:columns as text[])) with ordinality as w (column_name, place)
        where wanted.oid is not null and not exists (
            select from pg_catalog.pg_attribute a
            where a.attrelid = wanted.oid and a.attname = column_name
                and a.attnum > 0 and not a.attisdropped
        )
    ) as missing_columns
from (values (true)) as one (row)
left join wanted on true
