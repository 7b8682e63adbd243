-- The argument of learn_many as rows. Steps of one pair have one slot, numbered by the pair's key.
-- A document that is JSON's null is read as SQL's, and so looked for once more.
create or replace function qlmodels.learning_steps(p_steps jsonb)
returns table (
    "position" bigint, slot bigint, is_first boolean, state_hash text, state_data jsonb,
    action_hash text, action_data jsonb, reward double precision, next_state_hash text,
    next_action_hashes jsonb, terminated boolean,
    discount_factor double precision, session_id uuid, reward_type text, reward_source text,
    step integer
)
language sql immutable
rows 100
set search_path = pg_catalog, pg_temp
as $$
    select given.position,
           dense_rank() over pairs,
           row_number() over (
               partition by given.state_hash collate "C", given.action_hash collate "C"
               order by given.position
           ) = 1,
           given.state_hash,
           coalesce(given.state_data, p_steps -> given.position::integer - 1 -> 'state_data'),
           given.action_hash,
           coalesce(given.action_data, p_steps -> given.position::integer - 1 -> 'action_data'),
           given.reward,
           given.next_state_hash, nullif(given.next_action_hashes, 'null'),
           coalesce(given.terminated, false), given.discount_factor, given.session_id,
           given.reward_type, given.reward_source, given.step
      from rows from (
           jsonb_to_recordset(p_steps) as (
               state_hash text, state_data jsonb, action_hash text, action_data jsonb,
               reward double precision, next_state_hash text, next_action_hashes jsonb,
               terminated boolean, discount_factor double precision, session_id uuid,
               reward_type text, reward_source text, step integer
           )
      ) with ordinality as given (
           state_hash, state_data, action_hash, action_data, reward, next_state_hash,
           next_action_hashes, terminated, discount_factor, session_id, reward_type,
           reward_source, step, position
      )
    window pairs as (order by given.state_hash collate "C", given.action_hash collate "C")
$$;
