-- options of what lies in no schema of the server's own, that are not compared
with option (kind, name) as (
    select
        case when relation.relkind in ('v', 'm') then 'view column' else 'column' end,
        option_name
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    cross join lateral pg_catalog.pg_options_to_table(attribute.attoptions)
    where relation.relkind in ('r', 'v', 'm')
      and attribute.attnum > 0
      and not attribute.attisdropped
      and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
    union all
    select
        case relation.relkind when 'r' then 'table' when 'v' then 'view' when 'i' then 'index'
            else 'materialized view' end,
        option_name
    from pg_catalog.pg_class as relation
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    cross join lateral pg_catalog.pg_options_to_table(relation.reloptions)
    where relation.relkind in ('r', 'v', 'm', 'i')
      and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
    union all
    select 'table', 'toast.' || option_name
    from pg_catalog.pg_class as toast
    join pg_catalog.pg_class as relation on relation.reltoastrelid = toast.oid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    cross join lateral pg_catalog.pg_options_to_table(toast.reloptions)
    where relation.relkind = 'r'
      and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
)
select name, kind, count(*) as how_many
from option
where not current_setting('qlmodels.options')::jsonb -> kind ? name
group by name, kind
order by name, kind
