-- What upsert_q_values does, and how many pairs it made. Missing pairs are made first and the others
-- changed then, both in key order, as batches of steps do it, so that no two batches deadlock.
create or replace function qlmodels.upsert_pairs(p_rows jsonb, out ids bigint[], out made integer)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_refused integer;
begin
    with input as (
        select item.agent_type, item.state_hash, item.action_hash, item.q_value, item.session_id,
               coalesce(item.state_data, numbered.document -> 'state_data') as state_data,
               coalesce(item.action_data, numbered.document -> 'action_data') as action_data,
               numbered.position
          from jsonb_array_elements(p_rows) with ordinality as numbered (document, position)
         cross join lateral jsonb_to_record(numbered.document) as item (
               agent_type text, state_hash text, state_data jsonb,
               action_hash text, action_data jsonb, q_value double precision, session_id uuid
         )
    ), newest as (
        select distinct on (agent_type, state_hash collate "C", action_hash collate "C")
               input.*,
               count(*) over (partition by agent_type, state_hash, action_hash)::integer as visits
          from input
         order by agent_type, state_hash collate "C", action_hash collate "C", position desc
    ), created as (
        insert into public.q_values as pair (
            agent_type, session_id, state_hash, state_data, action_hash, action_data,
            q_value, visit_count, expires_at
        )
        select newest.agent_type, newest.session_id, newest.state_hash, newest.state_data,
               newest.action_hash, newest.action_data, newest.q_value, newest.visits,
               qlmodels.expiry(kind.retention_days)
          from newest
          left join public.agent_types as kind on kind.agent_type = newest.agent_type
         where (
               select true
                 from public.q_values as known
                where known.agent_type = newest.agent_type
                  and known.state_hash = newest.state_hash
                  and known.action_hash = newest.action_hash
         ) is null
         order by newest.agent_type, newest.state_hash collate "C", newest.action_hash collate "C"
        on conflict (agent_type, state_hash, action_hash) do nothing
        returning pair.agent_type, pair.state_hash, pair.action_hash, pair.q_value_id
    ), changed as (
        insert into public.q_values as pair (
            agent_type, session_id, state_hash, state_data, action_hash, action_data,
            q_value, visit_count, expires_at
        )
        select newest.agent_type, newest.session_id, newest.state_hash, newest.state_data,
               newest.action_hash, newest.action_data, newest.q_value, newest.visits,
               qlmodels.expiry(kind.retention_days)
          from newest
          left join public.agent_types as kind on kind.agent_type = newest.agent_type
         where not exists (
               select
                 from created
                where created.agent_type = newest.agent_type
                  and created.state_hash = newest.state_hash
                  and created.action_hash = newest.action_hash
         )
         order by newest.agent_type, newest.state_hash collate "C", newest.action_hash collate "C"
        on conflict (agent_type, state_hash, action_hash) do update
           set q_value = excluded.q_value,
               visit_count = pair.visit_count + excluded.visit_count,
               confidence_score = qlmodels.confidence_after(pair.confidence_score, excluded.visit_count),
               uncertainty = qlmodels.uncertainty_after(pair.uncertainty, excluded.visit_count),
               last_updated = now(),
               expires_at = excluded.expires_at
         where qlmodels.is_same_document(pair.state_data, excluded.state_data, excluded.state_hash)
           and qlmodels.is_same_document(pair.action_data, excluded.action_data, excluded.action_hash)
        returning pair.agent_type, pair.state_hash, pair.action_hash, pair.q_value_id
    ), stored as (
        select * from created
         union all
        select * from changed
    )
    select coalesce(array_agg(stored.q_value_id order by input.position), '{}'),
           (select count(*) from created)
      into ids, made
      from input
      left join stored
        on stored.agent_type = input.agent_type
       and stored.state_hash = input.state_hash
       and stored.action_hash = input.action_hash;

    v_refused := array_position(ids, null);
    if v_refused is not null then
        raise sqlstate 'QL001' using
            message = format(
                'pair %L, %L is stored with another state or action',
                p_rows -> (v_refused - 1) ->> 'state_hash', p_rows -> (v_refused - 1) ->> 'action_hash'
            ),
            hint = 'Hash every feature that the document holds, and nothing else.';
    end if;
end $$;
