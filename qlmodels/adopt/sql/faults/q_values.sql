-- A value that is no number says nothing; what is wrong beside a value is put right.
create view qlmodels_adopt.q_values_faults as
select original.q_value_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.q_values as original
 cross join lateral (
     values
     (null::text, null::jsonb, 'its agent type was not kept',
      not exists (select from public.agent_types as kind where kind.agent_type = original.agent_type)),
     ('session_id', 'null', 'its session is another agent type''s, or was not kept',
      original.session_id is not null
      and not exists (
          select from public.sessions as session
           where session.agent_type = original.agent_type
             and session.session_id = original.session_id
      )),
     (null, null, 'q_value is no number', original.q_value = 'NaN'),
     ('visit_count', '0', 'visit_count is below 0', original.visit_count < 0),
     ('confidence_score', to_jsonb(qlmodels_adopt.as_rate(original.confidence_score, 0.5)), 'confidence_score is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.confidence_score, 0.5) is distinct from original.confidence_score),
     ('uncertainty', to_jsonb(qlmodels_adopt.as_rate(original.uncertainty, 0.5)), 'uncertainty is no rate between 0 and 1',
      qlmodels_adopt.as_rate(original.uncertainty, 0.5) is distinct from original.uncertainty)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
