-- Each state and action of an agent type with the hash that it was stored with; of one document under
-- several hashes the one with the most visits, then the one that was changed last, comes first.
with stored as (
    select pair.agent_type, 'state' as kind, pair.state_data::text as document, pair.state_hash as hash,
           sum(pair.visit_count) as visits, max(pair.last_updated) as changed_at
      from public.q_values as pair
     group by pair.agent_type, pair.state_data::text, pair.state_hash
    union all
    select pair.agent_type, 'action', pair.action_data::text, pair.action_hash,
           sum(pair.visit_count), max(pair.last_updated)
      from public.q_values as pair
     group by pair.agent_type, pair.action_data::text, pair.action_hash
)
select stored.agent_type, stored.kind, stored.document, stored.hash
  from stored
 order by stored.agent_type, stored.kind, stored.document::jsonb, stored.visits desc,
          stored.changed_at desc, stored.hash collate "C"
