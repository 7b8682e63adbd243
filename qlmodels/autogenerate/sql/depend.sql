select
    depend.classid as class_,
    depend.objid as object,
    depend.objsubid as part,
    depend.refclassid as ref_class,
    depend.refobjid as ref_object,
    depend.refobjsubid as ref_part,
    case
        -- the check of a domain is part of it
        when depend.classid = 'pg_catalog.pg_constraint'::regclass
         and depend.refclassid = 'pg_catalog.pg_type'::regclass
         and depend.deptype = 'a' then 'i'
        else depend.deptype::text
    end as type
from pg_catalog.pg_depend as depend
where depend.objid >= 16384
