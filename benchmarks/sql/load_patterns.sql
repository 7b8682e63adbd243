insert into patterns (
    agent_type, pattern_name, pattern_type, pattern_data, usage_count, success_count, failure_count,
    avg_reward, confidence_score
)
select kind.agent_type, 'pattern ' || number, 'test', jsonb_build_object('template', number),
       number % 50, number % 50 / 2, number % 50 - number % 50 / 2, number % 11, 0.5
  from generate_series(0, $1::integer - 1) as number
  join (select agent_type, row_number() over (order by agent_type) - 1 as position from agent_types)
       as kind on kind.position = number % 18;
