-- Whoever updates a pair of this agent type waits until the transaction has ended; new pairs may
-- come. In the order in which batches of upserts lock.
select count(*)
  from (
       select pair.q_value_id
         from public.q_values as pair
        where pair.agent_type = $1
        order by pair.state_hash, pair.action_hash
          for update
       ) as locked
