-- After the plan: how much it is, and the first pair whose documents differ.
select (select count(*) from given) as pairs,
       (select count(*) from met where met.number is null) as made,
       (select count(*) from other) as changed,
       (select pair from clash) as clash
