-- `about` and `of_*` serve those that no fact stands for: columns of views, an index behind a key
select
    description.classoid as class_,
    description.objoid as object,
    description.objsubid as part,
    'comment' as kind,
    coalesce(constraint_.class_, composite.class_, inner_.refclassid, description.classoid)::oid
        as of_class,
    coalesce(constraint_.object, composite.object, inner_.refobjid, description.objoid)
        as of_object,
    coalesce(constraint_.part, inner_.refobjsubid, 0)::int as of_part,
    said.about,
    json_build_object('comment', description.description)::text as properties,
    json_build_object(
        'create', set,
        'drop', format('comment on %s is null', said.about),
        'alter', json_build_object('comment', set)
    )::text as sql
from (
    select classoid, objoid, objsubid, description
    from pg_catalog.pg_description
    where objoid >= 16384 and classoid <> 'pg_catalog.pg_extension'::regclass
       or classoid = 'pg_catalog.pg_namespace'::regclass and objoid = 'public'::regnamespace
    union all
    select classoid, objoid, 0, description
    from pg_catalog.pg_shdescription
    where classoid = 'pg_catalog.pg_authid'::regclass and objoid >= 16384
) as description
cross join lateral pg_catalog.pg_identify_object(
    description.classoid, description.objoid, description.objsubid) as named
cross join lateral concat_ws(' ',
    case when named.type ~ 'column$' then 'column'
         when named.type ~ 'constraint$' then 'constraint'
         else named.type end,
    case named.type
        when 'domain constraint' then replace(named.identity, ' on ', ' on domain ')
        when 'function' then description.objoid::regprocedure::text
        when 'procedure' then description.objoid::regprocedure::text
        else named.identity end) as said(about)
cross join lateral format('comment on %s is %L', said.about, description.description) as set
left join lateral (
    select
        case when contypid <> 0 then 'pg_catalog.pg_type'::regclass
             else 'pg_catalog.pg_class'::regclass end::oid as class_,
        case when contypid <> 0 then contypid else conrelid end as object,
        case when contype = 'n' then conkey[1] end as part
    from pg_catalog.pg_constraint
    where description.classoid = 'pg_catalog.pg_constraint'::regclass
      and oid = description.objoid
) as constraint_ on true
left join lateral (
    select 'pg_catalog.pg_type'::regclass::oid as class_, reltype as object
    from pg_catalog.pg_class
    where description.classoid = 'pg_catalog.pg_class'::regclass
      and oid = description.objoid and relkind = 'c'
) as composite on true
left join pg_catalog.pg_depend as inner_
    on inner_.classid = description.classoid
   and inner_.objid = description.objoid
   and inner_.objsubid = 0
   and inner_.deptype = 'i'
   and description.objsubid = 0
