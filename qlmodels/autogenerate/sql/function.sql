select
    'pg_catalog.pg_proc'::regclass::oid as class_,
    function.oid as object,
    0 as part,
    'function' as kind,
    function.oid::regprocedure::text as name,
    'schema' as of_kind,
    quote_ident(namespace.nspname) as of_name,
    json_strip_nulls(json_build_object(
        'procedure', nullif(function.prokind = 'p', false),
        'arguments', pg_catalog.pg_get_function_arguments(function.oid),
        'signature', pg_catalog.pg_get_function_identity_arguments(function.oid),
        'argument defaults', function.pronargdefaults,
        'returns', pg_catalog.pg_get_function_result(function.oid),
        'language', language.lanname,
        'volatility', case function.provolatile
                          when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
        'strict', function.proisstrict,
        'security definer', function.prosecdef,
        'leakproof', function.proleakproof,
        'parallel', case function.proparallel
                        when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
        'cost', function.procost,
        'rows', nullif(function.prorows, 0),
        'settings', function.proconfig,
        'body', coalesce(pg_catalog.pg_get_function_sqlbody(function.oid), function.prosrc),
        'definition', rtrim(pg_catalog.pg_get_functiondef(function.oid), E'\n')
    ))::text as properties,
    json_build_object(
        'namesakes', format('%I.%I', namespace.nspname, function.proname),
        'drop', format('drop %s %s',
                       case function.prokind when 'p' then 'procedure' else 'function' end,
                       function.oid::regprocedure)
    )::text as sql
from pg_catalog.pg_proc as function
join pg_catalog.pg_namespace as namespace on namespace.oid = function.pronamespace
join pg_catalog.pg_language as language on language.oid = function.prolang
where function.prokind <> 'a'
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
  -- a range brings its constructors
  and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.classid = 'pg_catalog.pg_proc'::regclass and depend.objid = function.oid
        and depend.refclassid = 'pg_catalog.pg_type'::regclass and depend.deptype = 'i')
