insert into sessions (agent_type, session_id, session_name)
values ('test-generator', 'aaaaaaaa-0000-4000-8000-000000000001', 'a run');

insert into q_values (
    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count,
    confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata
)
values
    ('test-generator', 'aaaaaaaa-0000-4000-8000-000000000001', 's1', '{"module": "auth", "n": 1.10}',
     'a1', '"left"', 0.1, 3, 0.53, 0.47, 1e-300, '2026-01-01 00:00:00.000001+00',
     '2026-01-01+00', '2026-02-01+00', '{"why": null}'),
    ('test-generator', null, 's1', '{"module": "auth", "n": 1.10}',
     'a2', '"right"', 0.30000000000000004, 7, 1, 0, null, '2026-01-02+00', '2026-01-01+00', null, null),
    ('test-generator', null, 's2', 'null', 'a1', '"left"', -1.5, 1, 0.5, 0.5, -2, now(), now(), null, '{}'),
    ('test-generator', null, 's2', 'null', 'a2', '"right"', -1.5, 1, 0.6, 0.4, -2, now(), now(), null, '{}'),
    ('test-generator', null, 's3', '[1, "two", {"three": 3.000}]', 'a1', '"left"', 5, 0, 0, 1, 0,
     now(), now(), null, '[]'),
    ('test-generator', null, 's3', '[1, "two", {"three": 3.000}]', 'a2', '"right"', 4, 9, 0, 1, 0,
     now(), now(), null, 'null'),
    ('test-generator', null, 'S9 é', '"\u00e9\\n"', 'a1', '"left"', 1.7976931348623157e308, 2147483647, 1, 0,
     null, now(), now(), null, '{}'),
    ('test-generator', null, 'S9 é', '"\u00e9\\n"', 'a3', '{"move": "up"}', 0, 1, 0.5, 0.5, null,
     now(), now(), null, '{}');
