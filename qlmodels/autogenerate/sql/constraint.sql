select
    'pg_catalog.pg_constraint'::regclass::oid as class_,
    constraint_.oid as object,
    0 as part,
    'constraint' as kind,
    format('%I on %I.%I', constraint_.conname, namespace.nspname, relation.relname) as name,
    'table' as of_kind,
    format('%I.%I', namespace.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'type', case constraint_.contype
                    when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key'
                    when 'c' then 'check' when 'x' then 'exclude' end,
        'definition', definition,
        'storage', option.options
    ))::text as properties,
    json_build_object(
        'name', quote_ident(constraint_.conname),
        'clause', format('constraint %I %s', constraint_.conname, regexp_replace(
            definition, '( DEFERRABLE.*)?$',
            coalesce(' WITH (' || option.set_ || ')', '') || '\1')),
        'refers to', refers.table_,
        'refers', refers.columns,
        'drop', format('alter table %I.%I drop constraint %I',
                       namespace.nspname, relation.relname, constraint_.conname),
        'alter', json_build_object('storage', json_build_object(
            'options', format('alter index %I.%I', namespace.nspname, constraint_.conname)))
    )::text as sql
from pg_catalog.pg_constraint as constraint_
join pg_catalog.pg_class as relation on relation.oid = constraint_.conrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral pg_catalog.pg_get_constraintdef(constraint_.oid) as definition
left join pg_catalog.pg_class as index
    on index.oid = constraint_.conindid and constraint_.contype in ('p', 'u', 'x')
cross join lateral (
    select
        json_object_agg(option_name, option_value order by position) as options,
        string_agg(option_name || '=' || case when option_value ~ '^[\w.]+$'
                       then option_value else quote_literal(option_value) end,
                   ', ' order by position) as set_
    from pg_catalog.pg_options_to_table(index.reloptions)
        with ordinality as every(option_name, option_value, position)
    where current_setting('qlmodels.options')::jsonb -> 'index' ? option_name
) as option
left join lateral (
    select
        format('%I.%I', there.nspname, other.relname) as table_,
        json_object_agg(quote_ident(own.attname), quote_ident(referred.attname)) as columns
    from unnest(constraint_.conkey, constraint_.confkey) as pair(own, referred)
    join pg_catalog.pg_attribute as own
        on own.attrelid = constraint_.conrelid and own.attnum = pair.own
    join pg_catalog.pg_attribute as referred
        on referred.attrelid = constraint_.confrelid and referred.attnum = pair.referred
    join pg_catalog.pg_class as other on other.oid = constraint_.confrelid
    join pg_catalog.pg_namespace as there on there.oid = other.relnamespace
    group by there.nspname, other.relname
) as refers on constraint_.contype = 'f'
where constraint_.contype in ('p', 'u', 'f', 'c', 'x')
  and constraint_.conparentid = 0
  and constraint_.conislocal
  and relation.relkind in ('r', 'p')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
