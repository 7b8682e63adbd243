select
    'pg_catalog.pg_rewrite'::regclass::oid as class_,
    rule.oid as object,
    0 as part,
    'rule' as kind,
    said.name,
    case relation.relkind when 'v' then 'view' else 'table' end as of_kind,
    said.of_name,
    json_strip_nulls(json_build_object(
        'definition', pg_catalog.pg_get_ruledef(rule.oid),
        'enabled', case rule.ev_enabled
                       when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end
    ))::text as properties,
    json_build_object(
        'create', json_build_array(
            rtrim(pg_catalog.pg_get_ruledef(rule.oid), ';'),
            case when rule.ev_enabled <> 'O' then said.enable end),
        'drop', 'drop rule ' || said.name,
        'alter', json_build_object('enabled', said.enable)
    )::text as sql
from pg_catalog.pg_rewrite as rule
join pg_catalog.pg_class as relation on relation.oid = rule.ev_class
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral (
    select
        of_name,
        format('%I on %s', rule.rulename, of_name) as name,
        format('alter table %s %s rule %I', of_name,
               case rule.ev_enabled when 'D' then 'disable' when 'R' then 'enable replica'
                   when 'A' then 'enable always' else 'enable' end,
               rule.rulename) as enable
    from format('%I.%I', namespace.nspname, relation.relname) as of_name
) as said
where rule.rulename <> '_RETURN'
  and relation.relkind in ('r', 'p', 'v')
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
