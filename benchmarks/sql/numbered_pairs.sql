-- Pairs whose hash pgbench can tell from a number.
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value, expires_at)
select 'test-generator', encode(sha256(int4send(number)), 'hex'), $2::text::jsonb,
       'pgbench', $3::text::jsonb, 0, now() + interval '30 days'
  from generate_series(1, $1::integer) as number;
