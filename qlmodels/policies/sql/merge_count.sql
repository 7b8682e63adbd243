-- After the plan: how much it is, and the first pair whose documents differ.
select (select count(*) from given) as pairs,
       (select count(*) from met where met.number is null) as made,
       (select count(*) from other) as changed,
       (
           select format('%L, %L', met.state_hash, met.action_hash)
             from met
            where met.clashes
            order by met.state_hash, met.action_hash
            limit 1
       ) as clash
