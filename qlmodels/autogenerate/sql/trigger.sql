select
    'pg_catalog.pg_trigger'::regclass::oid as class_,
    trigger.oid as object,
    0 as part,
    'trigger' as kind,
    format('%I on %I.%I', trigger.tgname, namespace.nspname, relation.relname) as name,
    case relation.relkind when 'v' then 'view' else 'table' end as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'constraint', nullif(trigger.tgconstraint <> 0, false),
        'definition', pg_catalog.pg_get_triggerdef(trigger.oid),
        'enabled', case trigger.tgenabled
                       when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end
    ))::text as properties,
    json_build_object(
        'create', json_build_array(
            pg_catalog.pg_get_triggerdef(trigger.oid),
            case when trigger.tgenabled <> 'O' then enable end),
        'drop', format('drop trigger %I on %I.%I',
                       trigger.tgname, namespace.nspname, relation.relname),
        'alter', json_build_object('enabled', enable)
    )::text as sql
from pg_catalog.pg_trigger as trigger
join pg_catalog.pg_class as relation on relation.oid = trigger.tgrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral format(
    'alter table %I.%I %s trigger %I', namespace.nspname, relation.relname,
    case trigger.tgenabled when 'D' then 'disable' when 'R' then 'enable replica'
        when 'A' then 'enable always' else 'enable' end,
    trigger.tgname) as enable
where not trigger.tgisinternal
  and trigger.tgparentid = 0
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
