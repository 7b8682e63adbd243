select
    description.classoid as class_,
    description.objoid as object,
    description.objsubid as part,
    quote_ident(attribute.attname) as column_name,
    description.description as comment
from pg_catalog.pg_description as description
left join pg_catalog.pg_attribute as attribute
    on description.classoid = 'pg_catalog.pg_class'::regclass
   and attribute.attrelid = description.objoid
   and attribute.attnum = description.objsubid
   and description.objsubid > 0
where description.objoid >= 16384
   or (description.classoid = 'pg_catalog.pg_namespace'::regclass
       and description.objoid = 'public'::regnamespace)
