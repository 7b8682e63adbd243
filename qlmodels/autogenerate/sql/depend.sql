select
    depend.classid as class_,
    depend.objid as object,
    depend.objsubid as part,
    depend.refclassid as ref_class,
    depend.refobjid as ref_object,
    depend.refobjsubid as ref_part,
    depend.deptype::text as type
from pg_catalog.pg_depend as depend
where depend.objid >= 16384
