-- After the plan: how much it is.
select (select count(*) from kept) as pairs,
       (select count(*) from other) as changed,
       (select count(*) from absent) as returned,
       (select count(*) from doomed) as removed
