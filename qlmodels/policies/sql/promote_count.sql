-- After the plan: how much it is.
select (select count(*) from given) as pairs,
       (select count(*) from other) as changed,
       (select count(*) from absent) as made,
       (select count(*) from doomed) as removed
