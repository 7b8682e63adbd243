select
    'pg_catalog.pg_attrdef'::regclass::oid as class_,
    expression.oid as object,
    0 as part,
    'default' as kind,
    format('%I.%I.%I', namespace.nspname, relation.relname, attribute.attname) as name,
    'column' as of_kind,
    format('%I.%I.%I', namespace.nspname, relation.relname, attribute.attname) as of_name,
    json_build_object(
        'expression', pg_catalog.pg_get_expr(expression.adbin, expression.adrelid)
    )::text as properties,
    json_build_object(
        'create', said.set,
        'drop', said.head || ' drop default',
        'alter', json_build_object('expression', said.set)
    )::text as sql
from pg_catalog.pg_attrdef as expression
join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = expression.adrelid and attribute.attnum = expression.adnum
join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral (
    select head, head || ' set default '
           || pg_catalog.pg_get_expr(expression.adbin, expression.adrelid) as set
    from format('alter table %I.%I alter column %I',
                namespace.nspname, relation.relname, attribute.attname) as head
) as said
where relation.relkind in ('r', 'p')
  and attribute.attgenerated = ''
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
