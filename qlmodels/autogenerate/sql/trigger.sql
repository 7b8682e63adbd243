select
    'pg_catalog.pg_trigger'::regclass::oid as class_,
    trigger.oid as object,
    0 as part,
    'trigger' as kind,
    format('%I on %I.%I', trigger.tgname, namespace.nspname, relation.relname) as name,
    case relation.relkind when 'v' then 'view' else 'table' end as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'name', quote_ident(trigger.tgname),
        'constraint', nullif(trigger.tgconstraint <> 0, false),
        'definition', pg_catalog.pg_get_triggerdef(trigger.oid),
        'enabled', case trigger.tgenabled
                       when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end
    ))::text as properties
from pg_catalog.pg_trigger as trigger
join pg_catalog.pg_class as relation on relation.oid = trigger.tgrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where not trigger.tgisinternal
  and trigger.tgparentid = 0
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
