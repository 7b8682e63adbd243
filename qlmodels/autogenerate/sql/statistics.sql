select
    'pg_catalog.pg_statistic_ext'::regclass::oid as class_,
    extended.oid as object,
    0 as part,
    'statistics' as kind,
    said.name,
    'table' as of_kind,
    format('%I.%I', above.nspname, relation.relname) as of_name,
    json_strip_nulls(json_build_object(
        'kinds', said.kinds,
        'columns', said.columns,
        'expressions', said.expressions,
        'statistics', said.target
    ))::text as properties,
    json_build_object(
        'create', json_build_array(
            pg_catalog.pg_get_statisticsobjdef(extended.oid),
            case when said.target is not null then said.head || said.target end),
        'drop', 'drop statistics ' || said.name,
        'alter', json_build_object('statistics', said.head || coalesce(said.target, -1))
    )::text as sql
from pg_catalog.pg_statistic_ext as extended
join pg_catalog.pg_class as relation on relation.oid = extended.stxrelid
join pg_catalog.pg_namespace as above on above.oid = relation.relnamespace
join pg_catalog.pg_namespace as namespace on namespace.oid = extended.stxnamespace
cross join lateral (
    select
        name,
        format('alter statistics %s set statistics ', name) as head,
        array(
            select case letter when 'd' then 'ndistinct' when 'f' then 'dependencies'
                       when 'm' then 'mcv' end
            from unnest(extended.stxkind) as letter where letter <> 'e' order by 1) as kinds,
        array(
            select quote_ident(attribute.attname)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = extended.stxrelid
              and attribute.attnum = any (extended.stxkeys)
            order by 1) as columns,
        pg_catalog.pg_get_expr(extended.stxexprs, extended.stxrelid) as expressions,
        nullif(extended.stxstattarget, -1) as target
    from format('%I.%I', namespace.nspname, extended.stxname) as name
) as said
where relation.relkind in ('r', 'p')
  and above.nspname !~ '^pg_' and above.nspname <> 'information_schema'
