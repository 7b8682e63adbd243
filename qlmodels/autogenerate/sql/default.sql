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
    )::text as properties
from pg_catalog.pg_attrdef as expression
join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = expression.adrelid and attribute.attnum = expression.adnum
join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
where relation.relkind = 'r'
  and attribute.attgenerated = ''
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
