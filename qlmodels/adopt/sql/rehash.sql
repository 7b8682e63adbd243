-- Our hashes in place of the original's. Of the pairs of one document the most visited stays, of equal
-- ones the one that was changed last; it counts the visits of all, and the others are written down.
do $$
begin
    analyze qlmodels_adopt.new_hashes;

    create table qlmodels_adopt.new_keys as
    select pair.agent_type, pair.q_value_id, pair.visit_count,
           coalesce(state.new_hash, pair.state_hash) as state_hash,
           coalesce(action.new_hash, pair.action_hash) as action_hash,
           row_number() over same as place,
           first_value(pair.q_value_id) over same as kept_id,
           sum(pair.visit_count) over (partition by pair.agent_type, coalesce(state.new_hash, pair.state_hash), coalesce(action.new_hash, pair.action_hash)) as visits
      from public.q_values as pair
      left join qlmodels_adopt.new_hashes as state
        on state.agent_type = pair.agent_type and state.kind = 'state'
       and state.document = md5(pair.state_data::text)
      left join qlmodels_adopt.new_hashes as action
        on action.agent_type = pair.agent_type and action.kind = 'action'
       and action.document = md5(pair.action_data::text)
    window same as (
        partition by pair.agent_type, coalesce(state.new_hash, pair.state_hash), coalesce(action.new_hash, pair.action_hash)
        order by pair.visit_count desc, pair.last_updated desc, pair.q_value_id
    );
    analyze qlmodels_adopt.new_keys;

    insert into qlmodels_private.adopt_rejects as known (table_name, row_key, reason, original, correction)
    select 'q_values', theirs.q_value_id::text,
           case when key.place = 1
                then 'it counts the visits of other pairs of the same state and action'
                else format('pair %s is of the same state and action, and stays', key.kept_id)
           end,
           to_jsonb(theirs),
           case when key.place = 1 then jsonb_build_object('visit_count', least(key.visits, 2147483647)) end
      from qlmodels_adopt.new_keys as key
      join qlmodels_adopt.q_values as theirs on theirs.q_value_id = key.q_value_id
     where key.place > 1 or key.visits <> key.visit_count
    on conflict (table_name, row_key) do update
       set reason = known.reason || '; ' || excluded.reason,
           correction = case when excluded.correction is not null then known.correction || excluded.correction end;

    alter table public.q_values disable trigger user;
    delete from public.q_values as pair
     using qlmodels_adopt.new_keys as key
     where key.place > 1 and pair.agent_type = key.agent_type and pair.q_value_id = key.q_value_id;
    -- out of the way of a pair that gets the hashes which this one gives up
    update public.q_values as pair
       set state_hash = 'q_value_id ' || pair.q_value_id
      from qlmodels_adopt.new_keys as key
     where key.place = 1
       and pair.agent_type = key.agent_type
       and pair.state_hash = key.state_hash
       and pair.action_hash = key.action_hash
       and pair.q_value_id <> key.q_value_id;
    update public.q_values as pair
       set state_hash = key.state_hash, action_hash = key.action_hash,
           visit_count = least(key.visits, 2147483647)
      from qlmodels_adopt.new_keys as key
     where key.place = 1 and pair.agent_type = key.agent_type and pair.q_value_id = key.q_value_id;
    alter table public.q_values enable trigger user;

    -- a reward has no documents: its hashes are told by the pairs that had them
    create table qlmodels_adopt.renamed as
    select distinct on (named.agent_type, named.kind, named.old_hash) named.*
      from qlmodels_adopt.new_keys as key
      join qlmodels_adopt.q_values as theirs on theirs.q_value_id = key.q_value_id
     cross join lateral (
         values (key.agent_type, 'state', theirs.state_hash, key.state_hash, key.visit_count),
                (key.agent_type, 'action', theirs.action_hash, key.action_hash, key.visit_count)
     ) as named (agent_type, kind, old_hash, new_hash, visits)
     order by named.agent_type, named.kind, named.old_hash, named.visits desc, named.new_hash;
    analyze qlmodels_adopt.renamed;
    alter table public.rewards disable trigger user;
    update public.rewards as reward
       set state_hash = coalesce(renamed.state_hash, reward.state_hash),
           action_hash = coalesce(renamed.action_hash, reward.action_hash)
      from (
          select told.agent_type, told.reward_id, state.new_hash as state_hash, action.new_hash as action_hash
            from public.rewards as told
            left join qlmodels_adopt.renamed as state
              on state.agent_type = told.agent_type and state.kind = 'state' and state.old_hash = told.state_hash
            left join qlmodels_adopt.renamed as action
              on action.agent_type = told.agent_type and action.kind = 'action' and action.old_hash = told.action_hash
           where state.new_hash is not null or action.new_hash is not null
      ) as renamed
     where reward.agent_type = renamed.agent_type and reward.reward_id = renamed.reward_id;
    alter table public.rewards enable trigger user;
end $$
